"""The test page that an admin asks for: the width, Chinese and rare characters, sizes, a QR code and the cut."""

from datetime import datetime

from devices.paper import Columns, Cut, Feed, Layout, Qr, Rule, Text

RULER = "1234567890"


def trial_paper(columns: int, url: str, profile: str, at: datetime) -> Layout:
    """`at` is this machine's own time: that it is right can be seen as well."""
    return (
        Text("打印测试 TEST", size=2, bold=True),
        Text(f"{at:%Y-%m-%d %H:%M:%S}"),
        Rule(),
        Text((RULER * 8)[:columns], align="left"),
        Columns("左边 left", "right 右边"),
        Text(f"每行 {columns} 字，上面的数字应正好占满一行", align="left"),
        Rule(),
        Text("满意 基本满意 不满意"),
        Text("龻㐂喆镕 ¥€"),
        Text("A001", size=4, bold=True),
        Feed(),
        Qr("https://example.invalid/jiaohao-test", size=5),
        Feed(),
        Text("二维码应能扫出 jiaohao-test"),
        Text(f"{profile} {url}", align="left"),
        Text("这不是号票 Not a ticket"),
        Cut(),
    )
