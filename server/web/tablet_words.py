"""What the page says on which a tablet is paired, Chinese first. What the tablet itself says is in its module."""

from typing import ClassVar

from server.web import citizen_words


class Words(citizen_words.Words):
    table: ClassVar[citizen_words.Table] = {
        "title": ("平板评价", "Rating tablet"),
        "pair": ("把这台平板绑定到窗口", "Pair this tablet with a window"),
        "gone": (
            "这台平板已停用，或已另行配对。请用新的配对码重新绑定。",
            "This tablet was revoked or paired anew. Pair it again with a new code.",
        ),
        "where": (
            "配对码在“系统管理 → 设备”里生成：类型选“平板评价”，并选窗口。",
            "An administrator makes the code: Administration, Devices, kind “Rating tablet”, with its window.",
        ),
        "pairing_code": ("配对码", "Pairing code"),
        "code_why": ("8 位字母和数字，15 分钟内有效，只能用一次。", "8 letters and digits, good for 15 minutes."),
        "do": ("绑定", "Pair"),
    }
