"""Who may ask for the priority lane (绿色通道) at this machine, and in which words that is recorded.

The words are those of the guide desk's list, which the server tells in other languages. The machine asks for no
proof and prints no reason: that is between the citizen and the window.
"""

REASONS = {
    "elderly": "老年人",
    "disabled": "残疾人",
    "soldier": "军人/退役军人",
    "infant": "孕产妇/带婴幼儿",
}
"""What the page's touch says, and what the record says. Each has its words in every file of `screen/static/lang`."""
