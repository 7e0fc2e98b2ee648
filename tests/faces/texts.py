"""Texts that a face must bear wherever people may type a name, a notice or an item."""

HOSTILE = {
    "script": "<script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\">",
    "long": "办理城乡居民基本养老保险待遇领取资格认证及补缴" * 8 + "到此为止正好两百个字在这里结束。",
    "right-to-left": "مرحبا بكم في القاعة 12 \u202eשלום 转向了吗",
    "emoji": "👨‍👩‍👧‍👦🏳️‍🌈👍🏽一家人来办理🇨🇳e\u0301\u200b",
    "one word": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2,
}
"""By what is hostile in them. If one becomes markup, the page's title says "broken"."""

LONG_ITEMS = [
    "机关事业单位基本养老保险与城镇企业职工基本养老保险互转",
    "城镇职工基本养老保险与城乡居民基本养老保险制度衔接申请",
    "基本医疗保险参保人员享受门诊慢特病病种待遇认定",
]
"""Items of the national lists of human-resources and medical-insurance services, of the longest names there."""


def as_name(text: str, most: int = 60) -> str:
    """What of a text the server takes as a name: printable, on one line, `most` characters."""
    return "".join(c for c in text if c.isprintable())[:most].strip()
