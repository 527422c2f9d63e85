"""What the name of a person looks like: Chinese by its surname, elsewhere by its capitals."""

from __future__ import annotations

import re

_HAN = "\u3400-\u9fff"
#: Simplified and traditional; the common ones first.
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴"
    "夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟"
    "安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄"
    "项曲成游阳裴席卫查屈鲍覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫"
    "来全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺"
    "冼官衣楚佟栗匡宗应台巫鞠桑荆谌银沙伏岑习胥占候敬戈訾闫肖付厉尚寇幸佘仝麦闻帅尉荀骆占严鹿宣闫邝麻"
    "張劉陳楊趙黃吳孫馬羅鄭謝韓馮蕭鄧許呂蘇盧蔣賈葉閻鍾薑範陸鄒龍萬錢湯賀賴龔龐蘭顏嚴溫蘆韋畢聶叢齊莊塗時關紀項"
    "陽衛單寧閔車邊饒鄔宮簡婁蓋黨談連鬱計竇遲藍鞏練樂應臺駱祿鐘侯遊"
)
_COMPOUND_NAMES = "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 端木 夏侯"
_COMPOUND = tuple(_COMPOUND_NAMES.split())
#: The first two ideographs of words that begin as a name does.
_WORDS = (
    "高清 高校 高考 高铁 高速 高端 高新 高层 高管 金融 金属 金额 金秋 金价 时政 时评 时尚 时事 时间 时报 時政 "
    "時評 時尚 時間 文化 文学 文章 文字 文明 文旅 文物 文件 文艺 文娱 文教 文创 文体 方案 方法 方式 方便 安全 "
    "安徽 安阳 安装 安防 安置 江西 江苏 江蘇 江南 江北 江门 云南 云计 云端 黄山 黄金 黄石 黄冈 常州 常识 常务 "
    "常德 常见 温州 温度 温泉 成都 成功 成果 成员 成文 成交 成立 成就 海南 海外 海口 海关 海洋 房产 房价 房地 "
    "房屋 车市 车讯 车险 车展 白酒 白银 石家 石油 石化 游戏 遊戲 游客 游记 华东 华南 华西 华北 华中 华为 华人 "
    "马上 关于 关注 关键 和平 和谐 明星 明确 明日 明天 全国 全國 全部 全球 全省 全市 全文 全媒 广告 广播 广西 "
    "广东 广州 万科 万元 应用 应急 计划 计算 连接 连载 连续 项目 单位 简介 保险 保护 保障 原创 原文 原标 强调 "
    "解放 解读 解释 边境 景区 宁波 宁夏 阳光 阳江 台州 台湾 台北 台风 臺灣 臺北 都市 习近 习惯 商业 商品 商务 "
    "商家 商报 商场 来自 来源 苏州 苏宁 郑州 兰州 徐州 徐汇 沈阳 贵州 齐鲁 龙岩 管理 施工 包括 包装 封面 官方 "
    "官网 银行 程序 林业 田园 毛坯 路况 路线 段落 易车 季度 任务 任命 党建 党政 党务 党委 党史 沙龙 国际 综合 "
    "视频 乐居 乐活 乐视 段子 司法 司机 申请 申报 申论 童话 童装 祝贺 应聘 卫生 卫视 谈判 查看 查询 强国 米兰 "
    "冷链 花园 花卉 古建 古代 池州 桂林 柳州 梅州 路透 路演 严重 武汉 武警 武术 高级 华尔 车企 金牌 龙头 马拉 "
    "石材 江湖 白皮 白领 钱包 汤姆 方正 何时 何以 任何 向上 向前 左右 管道 祝福 米其 项链 曲线 成本 成人 游泳 "
    "甘肃 景点 单车 包邮 司令 强势 华夏 吉林 吉利 古镇 晋城 畅销 宫廷 全景 全职 简体 花絮 仇恨 蓝天 都会 应对 "
    "银河 沙漠 习俗 麦当 闻名 常用 通讯 时代 黑龙 商城 关闭 關閉 易信 韩国 韓國 秦皇 曹县 高雄 高邮 常熟 温岭 "
    "江阴 江宁 江海 金华 金山 金昌 金陵 梁山 麻城 梅江 柳江 郑东 钟山 黎平 龙泉 龙口 龙江 马来 马德 古巴 华盛 "
    "华尔 安庆 安康 安顺 石狮 石河 黄河 黄浦 黄岩 余杭 余姚 章丘 章节 成人 葛洲 牛市 熊市 盛世 盛典 盛大 金奖 "
    "向往 易懂 干货 强烈 强力 项城 直擊 直击 关灯"
)
_OPENINGS = frozenset(_WORDS.split())
#: How words end that are no name: places, media, offices, tools of the page.
_ENDING = re.compile(
    r"(?:[省市县縣区區镇鎮州网網报報社台臺局院厅廳部委办辦处處科室站刊号號路街讯訊组組人版]|[们們]|"
    r"新[闻聞]|[频頻]道|[评評][论論]|[阅閱][读讀]|[报報][道導]|[时時][间間]|日期|[来來]源|[编編][辑輯]|作者|"
    r"[专專][题題栏欄]|[关關]注|收藏|打印|"
    r"分享|[举舉][报報]|[发發][布佈]|列表|[链鏈]接|[统統][计計]|[点點][击擊]|正文|[内內]容|[摄攝]影|[综綜]合|"
    r"整理|政[务務]|大[学學]|中心|公司)$"
)
_PARTICLE = r"(?:van|von|de|da|di|del|della|der|du|la|le|al|bin|ter|ten|el|dos|den|af|y|e)"
_CAPITAL = r"(?:(?:[A-ZÀ-ÖØ-Þ]|d['’]|O['’])[\w'’-]*\.?)"
_LATIN = re.compile(rf"{_CAPITAL}(?: (?:{_CAPITAL}|{_PARTICLE})){{0,3}} {_CAPITAL}\Z")
_CHINESE = re.compile(rf"[{_HAN}]{{2,4}}\Z")
_FOREIGN = re.compile(rf"[{_HAN}]{{1,8}}(?:[·•][{_HAN}]{{1,8}}){{1,3}}\Z")


#: How the names of publishers, agencies and desks end.
_PUBLISHER = re.compile(
    r"\b(?:news|journal|times|post|press|advertiser|weekly|daily|reuters|ap|afp|association|desk|staff|team|"
    r"editorial|magazine|media|"
    r"tribune|herald|gazette|guardian|telegraph|mail|network|agency|services?|courier|observer|bureau|"
    r"reporters?|editors?|"
    r"writers?|contributors?|university|institute|inc|ltd|llc|group|online|today|radio|tv|channel|studio|"
    r"company|department|"
    r"office|council|government|correspondent|newsroom|board|foundation|world|report|review|blog)\.?$",
    re.IGNORECASE,
)


def like_publisher(name: str) -> bool:
    """Whether a Latin *name* ends as those of publishers, agencies and desks do, or begins with the article."""
    return name.startswith("The ") or bool(_PUBLISHER.search(name))


def like_person(name: str) -> bool:
    """Whether *name* is formed as the name of one person."""
    if _CHINESE.match(name):
        return _like_chinese(name)
    return bool(_FOREIGN.match(name) or (_LATIN.match(name) and not like_publisher(name)))


def _like_chinese(name: str) -> bool:
    compound = name.startswith(_COMPOUND)
    if not (compound or name[0] in _SURNAMES) or len(name) > (4 if compound else 3):
        return False
    return (compound or name[:2] not in _OPENINGS) and not _ENDING.search(name)
