"""What a modem's refusals mean, in words. The codes: 3GPP TS 27.005, 3.2.5; 24.011, Annex E; 27.007, 9.2."""

import re

_CODE = re.compile(r"\+(CM[SE]) ERROR: *(\d{1,5})")

_WORDS = {
    ("CMS", 1): ("空号", "The number is not in use"),
    ("CMS", 8): ("运营商禁止发送短信", "The operator bars sending"),
    ("CMS", 10): ("发往该号码受限", "Sending to this number is barred"),
    ("CMS", 17): ("网络故障", "The network failed"),
    ("CMS", 21): ("短信被拒绝", "The message was rejected"),
    ("CMS", 22): ("网络拥塞", "The network is congested"),
    ("CMS", 27): ("对方暂时无法接通", "The receiver is out of service"),
    ("CMS", 28): ("该号码未登记", "The receiver is not known to the network"),
    ("CMS", 29): ("网络不支持该业务", "The network does not offer this"),
    ("CMS", 30): ("号码不存在", "The receiver is unknown"),
    ("CMS", 38): ("网络故障，可能持续一段时间", "The network is out of order"),
    ("CMS", 41): ("网络暂时故障", "A temporary failure of the network"),
    ("CMS", 42): ("网络拥塞", "The network is congested"),
    ("CMS", 47): ("网络资源不足", "The network has no resources left"),
    ("CMS", 50): ("SIM 卡未开通短信业务", "The SIM's contract has no short messages"),
    ("CMS", 69): ("网络不支持该业务", "The network does not offer this"),
    ("CMS", 111): ("网络协议错误", "A protocol error of the network"),
    ("CMS", 127): ("网络互通失败", "Networks did not work together"),
    ("CMS", 192): ("短信中心忙", "The service centre is busy"),
    ("CMS", 193): ("短信中心无此签约", "The service centre knows no such contract"),
    ("CMS", 194): ("短信中心故障", "The service centre failed"),
    ("CMS", 195): ("接收号码无效", "The receiver's number is not valid"),
    ("CMS", 196): ("接收号码被禁止", "The receiver is barred"),
    ("CMS", 197): ("短信中心认为重复，已拒绝", "The service centre rejected it as a duplicate"),
    ("CMS", 300): ("短信模块故障", "The modem failed"),
    ("CMS", 301): ("短信模块正被占用", "The modem's message service is in use"),
    ("CMS", 302): ("短信模块不允许此操作", "The modem does not allow this"),
    ("CMS", 303): ("短信模块不支持此操作", "The modem does not know this"),
    ("CMS", 304): ("短信模块认为编码有误", "The modem finds the PDU wrong"),
    ("CMS", 310): ("未插入 SIM 卡", "There is no SIM card"),
    ("CMS", 311): ("SIM 卡要求输入 PIN", "The SIM card wants its PIN"),
    ("CMS", 313): ("SIM 卡故障", "The SIM card failed"),
    ("CMS", 314): ("SIM 卡忙", "The SIM card is busy"),
    ("CMS", 315): ("SIM 卡不对", "The SIM card is the wrong one"),
    ("CMS", 316): ("SIM 卡已锁，要求输入 PUK", "The SIM card is locked and wants its PUK"),
    ("CMS", 320): ("存储器故障", "The memory failed"),
    ("CMS", 321): ("没有这个存储位置", "There is no such place in the memory"),
    ("CMS", 322): ("存储已满", "The memory is full"),
    ("CMS", 330): ("SIM 卡里没有短信中心号码", "The SIM card has no service centre's number"),
    ("CMS", 331): ("没有网络", "There is no network"),
    ("CMS", 332): ("网络超时", "The network did not answer in time"),
    ("CMS", 500): ("未知错误", "An unknown error"),
    ("CME", 0): ("短信模块故障", "The modem failed"),
    ("CME", 3): ("短信模块不允许此操作", "The modem does not allow this"),
    ("CME", 4): ("短信模块不支持此操作", "The modem does not know this"),
    ("CME", 5): ("SIM 卡已与别的设备绑定", "The SIM card is bound to another device"),
    ("CME", 10): ("未插入 SIM 卡", "There is no SIM card"),
    ("CME", 11): ("SIM 卡要求输入 PIN", "The SIM card wants its PIN"),
    ("CME", 12): ("SIM 卡已锁，要求输入 PUK", "The SIM card is locked and wants its PUK"),
    ("CME", 13): ("SIM 卡故障", "The SIM card failed"),
    ("CME", 14): ("SIM 卡忙", "The SIM card is busy"),
    ("CME", 15): ("SIM 卡不对", "The SIM card is the wrong one"),
    ("CME", 20): ("存储已满", "The memory is full"),
    ("CME", 30): ("没有网络", "There is no network"),
    ("CME", 31): ("网络超时", "The network did not answer in time"),
    ("CME", 32): ("网络只允许紧急呼叫", "The network allows emergency calls only"),
    ("CME", 100): ("未知错误", "An unknown error"),
}


def words(code: str) -> tuple[str, str]:
    """Chinese and English for a final result such as "+CMS ERROR: 38"; one that has none is said as it is."""
    match = _CODE.fullmatch(code)
    known = _WORDS.get((match[1], int(match[2]))) if match else None
    return known or (f"短信模块答复 {code}", f"The modem answered {code}")
