"""The people and things of the demonstration: invented, with numbers that no exchange has assigned."""

import re
from typing import Final, NamedTuple

from madoguchi.domain.people.models import Role


class Person(NamedTuple):
    """Somebody who works at the centre. `skills`: name → level."""

    username: str
    name: str
    kana: str
    role: Role
    skills: dict[str, int] = {}
    queues: tuple[str, ...] = ()


class Caller(NamedTuple):
    """A customer: client 0 is the repair company, 1 the mail order house."""

    client: int
    name: str
    kana: str
    number: str
    company: str = ""
    product: str = ""


REPAIR, USAGE, ORDERS = "修理窓口", "使い方窓口", "ご注文窓口"
FRIDGE, CLIMATE, GUIDE, SALES, ENGLISH = (
    "冷蔵庫・洗濯機",
    "エアコン・給湯器",
    "使い方案内",
    "注文・返品",
    "英語",
)
SKILLS: Final = (FRIDGE, CLIMATE, GUIDE, SALES, ENGLISH)

STAFF: Final = (
    Person("sato", "佐藤 恵", "サトウ メグミ", Role.OPERATOR, {FRIDGE: 5, GUIDE: 4}, (REPAIR, USAGE)),
    Person("suzuki", "鈴木 健太", "スズキ ケンタ", Role.OPERATOR, {FRIDGE: 3, CLIMATE: 4}, (REPAIR,)),
    Person("tanaka", "田中 美咲", "タナカ ミサキ", Role.OPERATOR, {FRIDGE: 4, GUIDE: 5}, (REPAIR, USAGE)),
    Person("ito", "伊藤 翔", "イトウ ショウ", Role.OPERATOR, {GUIDE: 2, SALES: 3}, (USAGE, ORDERS)),
    Person("watanabe", "渡辺 直子", "ワタナベ ナオコ", Role.OPERATOR, {SALES: 5, ENGLISH: 4}, (ORDERS,)),
    Person("yamamoto", "山本 大輔", "ヤマモト ダイスケ", Role.OPERATOR, {SALES: 3, FRIDGE: 1}, (ORDERS,)),
    Person("kobayashi", "小林 由美", "コバヤシ ユミ", Role.SUPERVISOR, {FRIDGE: 4, SALES: 4}),
    Person("nakamura", "中村 誠", "ナカムラ マコト", Role.QUALITY),
    Person("kato", "加藤 隆", "カトウ タカシ", Role.ADMINISTRATOR),
)

PRODUCTS: Final = (
    ("冷蔵庫 SR-F450", "洗濯乾燥機 SW-D12", "エアコン SA-X28", "給湯器 SH-200"),
    ("定期便 お米5kg", "羽毛ふとん あおば", "カタログ会員"),
)

REASONS: Final = (
    {
        "修理": ("冷えない・凍らない", "異音・水漏れ", "動かない", "訪問日の確認・催促"),
        "使い方": ("初期設定", "お手入れ", "機能・操作"),
        "保証・料金": ("保証期間", "修理料金"),
        "ご意見": ("製品について", "応対について"),
    },
    {
        "ご注文": ("新規注文", "数量・お届け先の変更", "キャンセル"),
        "お届け": ("配達日の確認", "届かない・遅い"),
        "返品・交換": ("不良品", "お客様都合"),
        "ご意見": ("商品について", "応対について"),
    },
)

COMPANIES: Final = (
    ("株式会社みどり商店", "ミドリショウテン", False),
    ("有限会社はやし電器", "ハヤシデンキ", True),
    ("ひかり保育園", "ヒカリホイクエン", False),
    ("株式会社北町ビル管理", "キタマチビルカンリ", False),
)
DEALER = "有限会社はやし電器"

_NAMES: Final = """
髙橋 花子/タカハシ ハナコ 山田 太郎/ヤマダ タロウ 斎藤 和子/サイトウ カズコ 渡邊 正雄/ワタナベ マサオ
松本 さやか/マツモト サヤカ 井上 勇/イノウエ イサム 木村 典子/キムラ ノリコ 林 修/ハヤシ オサム
清水 久美/シミズ クミ 山﨑 浩二/ヤマザキ コウジ 森 千春/モリ チハル 阿部 隆史/アベ タカシ
池田 真由美/イケダ マユミ 橋本 弘/ハシモト ヒロシ 石川 れい/イシカワ レイ 前田 克己/マエダ カツミ
藤田 幸子/フジタ サチコ 小川 陽平/オガワ ヨウヘイ 後藤 文/ゴトウ アヤ 岡田 茂/オカダ シゲル
長谷川 智子/ハセガワ トモコ 村上 光/ムラカミ ヒカル 近藤 淳/コンドウ ジュン 石井 美穂/イシイ ミホ
坂本 敬/サカモト ケイ 遠藤 由紀/エンドウ ユキ 青木 昇/アオキ ノボル 藤井 静江/フジイ シズエ
西村 豊/ニシムラ ユタカ 福田 香織/フクダ カオリ 太田 進/オオタ ススム 三浦 麻衣/ミウラ マイ
岡本 実/オカモト ミノル 松田 良子/マツダ ヨシコ 中島 翼/ナカジマ ツバサ 原田 佳代/ハラダ カヨ
小野 哲也/オノ テツヤ 竹内 春菜/タケウチ ハルナ 金子 満/カネコ ミツル 和田 絹代/ワダ キヌヨ
Smith John/スミス ジョン
"""


def callers() -> list[Caller]:
    """The customers: two thirds have things to be repaired, the others order by telephone."""
    people = re.findall(r"(\S+ \S+)/(\S+ \S+)", _NAMES)
    made = []
    for place, (name, kana) in enumerate(people):
        client = 0 if place < 27 else 1
        made.append(
            Caller(
                client,
                name,
                kana,
                f"0900000{1200 + place * 7:04}" if place % 3 else f"0301230{100 + place:03}",
                COMPANIES[place % 4][0] if place % 9 == 7 else "",
                PRODUCTS[client][place % len(PRODUCTS[client])] if place % 4 != 3 else "",
            )
        )
    return made


class Story(NamedTuple):
    """One kind of call: reason (branch, leaf), what is written down, and how it ends."""

    branch: str
    leaf: str
    summary: str
    handling: str
    reception: str = "accepted"
    promise: str = ""
    stays_owed: bool = False
    """The promise is still open, however long ago it was made."""


STORIES: Final = (
    (
        Story(
            "修理",
            "冷えない・凍らない",
            "冷蔵室が冷えない。霜取り後も改善せず、訪問修理を手配。",
            "done",
            "accepted",
        ),
        Story(
            "修理",
            "異音・水漏れ",
            "脱水時に大きな音。水平器の確認をご案内し、収まった。",
            "done",
            "satisfied",
        ),
        Story(
            "修理",
            "動かない",
            "電源が入らない。ブレーカー確認後も不可。部品部へ在庫を確認する。",
            "asking",
            "understood",
            "部品の在庫と訪問日をご連絡",
        ),
        Story(
            "修理",
            "訪問日の確認・催促",
            "「いつ来るのか」とのこと。手配状況を確認し、本日中にご連絡すると約束。",
            "call_back",
            "understood",
            "訪問日の回答",
        ),
        Story("保証・料金", "保証期間", "購入後2年。延長保証の対象内とお伝えした。", "done", "satisfied"),
        Story(
            "保証・料金",
            "修理料金",
            "基板交換の概算をご案内。ご家族と相談のうえ、お客様よりご連絡予定。",
            "customer_will_contact",
            "understood",
        ),
        Story("使い方", "機能・操作", "製氷が止まらない件。停止操作をご案内。", "done", "satisfied"),
        Story(
            "使い方",
            "初期設定",
            "スマートフォン連携の手順をご案内。その場で接続できた。",
            "done",
            "satisfied",
        ),
        Story("使い方", "お手入れ", "フィルターの外し方をご案内。", "done", "accepted"),
        Story(
            "ご意見",
            "応対について",
            "前回の担当者の説明が早口で分かりにくかったとのこと。お詫びし、改めて説明。",
            "done",
            "understood",
        ),
    ),
    (
        Story("ご注文", "新規注文", "定期便を1件ご注文。お届けは翌々日午前。", "done", "satisfied"),
        Story("ご注文", "数量・お届け先の変更", "次回分のお届け先をご実家へ変更。", "done", "accepted"),
        Story("ご注文", "キャンセル", "重複注文のため1件取り消し。", "done", "accepted"),
        Story("お届け", "配達日の確認", "配達予定日をご案内。", "done", "accepted"),
        Story(
            "お届け",
            "届かない・遅い",
            "予定日を過ぎても届かない。配送会社へ確認し、折り返しを約束。",
            "call_back",
            "understood",
            "配送状況の回答",
        ),
        Story(
            "返品・交換",
            "不良品",
            "ふとんの縫製ほつれ。交換品を手配、着払いで返送をご案内。",
            "done",
            "accepted",
        ),
        Story(
            "返品・交換",
            "お客様都合",
            "開封後のため返品はお断りし、サイズ直しの店舗をご案内。",
            "declined",
            "understood",
        ),
        Story("ご意見", "商品について", "お米の味を褒めていただいた。", "done", "satisfied"),
    ),
)

SCRIPT: Final = {
    5: Story(
        "修理",
        "冷えない・凍らない",
        "冷蔵室が冷えないとのこと。型番を確認し、修理を受付。訪問日は追ってご連絡する。",
        "asking",
        "accepted",
        "部品の手配と訪問日の連絡",
    ),
    3: Story(
        "修理",
        "訪問日の確認・催促",
        "「いつ来るのか」とのお問い合わせ。部品部の回答待ちとお詫びし、夕方までにご連絡すると約束。",
        "call_back",
        "understood",
        "修理日をご連絡",
        stays_owed=True,
    ),
}
"""The first customer's own story: days ago → what happened then."""
