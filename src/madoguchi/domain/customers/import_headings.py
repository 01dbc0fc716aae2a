"""Headings that files of customers carry, in Japanese and English, and the field each fills."""

import re
import unicodedata

_NAMES = {
    "external_id": "顧客番号|顧客コード|顧客ID|会員番号|会員ID|お客様番号|お客様コード|得意先コード|ID"
    "|customer number|customer id|customer no|external id|customer code|member id",
    "name": "氏名|名前|お名前|顧客名|お客様名|会員名|担当者|担当者名|氏名(漢字)|名前(漢字)"
    "|name|full name|customer name|contact|contact name",
    "name_kana": "フリガナ|ふりがな|カナ|氏名カナ|氏名フリガナ|カナ氏名|お名前カナ|お名前フリガナ|顧客名カナ"
    "|顧客名フリガナ|名前カナ|名前フリガナ|ヨミ|よみ|読み|読み仮名|kana|name kana|furigana|reading",
    "family_name": "姓|苗字|名字|last name|family name|surname",
    "given_name": "名|first name|given name",
    "family_kana": "セイ|姓カナ|姓フリガナ|last name kana|family name kana",
    "given_kana": "メイ|名カナ|名フリガナ|first name kana|given name kana",
    "company": "会社|会社名|勤務先|法人名|企業名|取引先|取引先名|団体名"
    "|company|company name|organization|account",
    "department": "部署|部署名|所属|部門|department|division",
    "number": "電話|電話番号|TEL|携帯|携帯電話|携帯番号|携帯電話番号|固定電話|自宅電話"
    "|自宅電話番号|勤務先電話|代表電話|連絡先|日中連絡先"
    "|phone|phone number|telephone|tel no|mobile|mobile phone|cell|home phone|work phone",
    "postal_code": "郵便番号|〒|postal code|zip|zip code|postcode",
    "address": "住所|所在地|ご住所|address|street address",
    "email": "メール|メールアドレス|Eメール|電子メール|e-mail|email|mail|email address|mail address",
    "birth_date": "生年月日|誕生日|birth date|birthday|date of birth|birthdate",
    "note": "備考|メモ|特記事項|コメント|note|notes|memo|remarks|comment",
    "important": "重要事項|注意事項|注意|要注意|important point|important|caution",
}


def heading_of(heading: str) -> str:
    """The field that a column fills; '' for a heading that means nothing to us.

    >>> heading_of("電話番号2"), heading_of("氏名（カナ）"), heading_of("Last_Name"), heading_of("色")
    ('number', 'name_kana', 'family_name', '')
    """
    return _FIELDS.get(_plain(heading), "")


def _plain(heading: str) -> str:
    """A heading as it is compared: width, case, blanks, brackets and a number at its end aside."""
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return re.sub(r"[\s\ufeff_・.\-:()「」【】*※]+", "", folded).rstrip("0123456789")


_FIELDS = {_plain(word): target for target, words in _NAMES.items() for word in words.split("|")}
