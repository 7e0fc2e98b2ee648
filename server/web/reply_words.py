"""What the page of the hall's reply says, Chinese first."""

from typing import ClassVar

from server.web import citizen_words

_WORDS: citizen_words.Table = {
    "title": ("大厅的答复", "The hall's reply"),
    "head": ("您反映的问题，大厅这样处理", "What the hall did about your rating"),
    "ask": ("对处理结果满意吗？", "Does this satisfy you?"),
    "once": (
        "每次答复只问一次，答不答由您决定。原来的评价不会改变，窗口人员看不到是谁答的。",
        "You are asked once, and need not answer. Your rating stays as it is; the windows never see who answers.",
    ),
    "text": ("想先说几句（可以不写）", "Say something first (you need not)"),
    "text_why": ("最多 {} 字。请不要写身份证号和电话。", "At most {} characters. Please no ID or telephone numbers."),
    "yes": ("满意", "Satisfied"),
    "no": ("不满意", "Not satisfied"),
    "thanks": ("您的意见已收到，谢谢", "Your answer has been received. Thank you"),
    "over": (
        "答复期已过，没有收到您的回答",
        "The time to answer is over, and no answer of yours was received",
    ),
    "again": (
        "大厅会再处理一次，处理后请再看这里。",
        "The hall will look into it once more. Come back here afterwards.",
    ),
}


class ReplyWords(citizen_words.Words):
    """What is said of the hall's reply."""

    table: ClassVar[citizen_words.Table] = _WORDS
