"""Kanji that people and registers write in several ways in names: for search keys, never for display.

Each row is one way of writing and its variants. Who says サイトウ on the telephone cannot be asked which of
four characters is meant, so different characters that are taken for each other in names stand together too.
"""

_ROWS = """
高髙 崎﨑嵜 斎斉齋齊 辺邊邉 沢澤 浜濱濵 広廣 島嶋嶌 滝瀧 竜龍 桜櫻 国國圀 吉𠮷 富冨 峰峯
柳栁 瀬瀨 館舘 船舩 桑桒 恵惠 真眞 徳德 実實 栄榮 関關 黒黑 条條 学學 円圓 豊豐 万萬
礼禮 亀龜 鉄鐵 遥遙 弥彌 寿壽 静靜 寛寬 来來 曽曾 薮藪 巌巖 岳嶽 園薗 児兒 亜亞 沖冲
涼凉 穂穗 蔵藏 栃杤 鴎鷗 鴬鶯 蛍螢 頼賴 双雙 増增 絵繪 経經 継繼 顕顯 暁曉 麦麥 緑綠
会會 県縣 糸絲 将將 当當 灯燈 与與 余餘 宝寶寳 為爲 尭堯 鎮鎭 清淸 青靑 彦彥 槙槇 梅楳
聡聰 総總 剣劍 剛刚 壱壹 仏佛 伝傳 体體 医醫 圧壓 塩鹽 応應 気氣 渋澁 温溫 湾灣 点點
画畫 発發 稲稻 窓窗 竪豎 粋粹 芦蘆 茎莖 荘莊 薫薰 処處 虎乕 虫蟲 覚覺 観觀 証證 読讀
豪毫 転轉 軽輕 逓遞 郷鄕 釈釋 銭錢 鋳鑄 陥陷 随隨 隠隱 雑雜 霊靈 頬頰 駅驛 騒騷 駆驅
鶏鷄 塁壘 壌壤 嬢孃 宮宫 帯帶 弁辨辯瓣 戦戰 戸戶 択擇 担擔 挙擧 数數 旧舊 昼晝 晩晚
朗朖 村邨 松枩 杉椙 検檢 楼樓 横橫 歩步 歯齒 殻殼 毎每 浅淺 浄淨 済濟 渓溪谿 潜潛 焼燒
営營 犠犧 独獨 狭狹 猟獵 献獻 瑶瑤 畳疊 砕碎 秘祕 称稱 糧粮 縄繩 繊纖 声聲 胆膽 脳腦
臓臟 台臺 舗舖 艶艷 芸藝 薬藥 蛮蠻 衛衞 装裝 触觸 訳譯 誉譽 謡謠 譲讓 賛贊 践踐 辞辭
酔醉
"""

CANONICAL = {ord(variant): row[0] for row in _ROWS.split() for variant in row[1:]}
"""For `str.translate`: code point of a variant → the character that stands for its row."""
