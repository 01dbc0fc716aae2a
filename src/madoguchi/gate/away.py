"""What people see when the web process is away, or is not to be asked: calm and true."""

import base64
import hashlib
import json
from collections.abc import Mapping
from types import MappingProxyType

from aiohttp import web

REFRESH_S = 3
_STYLE = (
    "body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f8f8fb;color:#1a1a1a;"
    'font:16px/1.7 "Noto Sans JP","Noto Sans CJK JP","Hiragino Sans","Yu Gothic UI",Meiryo,sans-serif}'
    "main{max-width:32rem;padding:2rem}h1{font-size:1.375rem}p{margin:.75em 0}"
    ".en{color:#626264;font-size:.875rem}"
)
_AWAY = """<h1>画面を準備しています</h1>
<p>まもなく表示されます。このままお待ちください（自動で読み直します）。</p>
<p>通話中の電話はつながったままです。お待ちのお客様の順番も変わりません。</p>
<p class="en" lang="en">The pages will be back in a moment; this one reloads by itself.
Calls under way go on.</p>"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_WORDS = "画面のサーバーが準備中です。入力はこの画面に残っています。数秒後にもう一度お試しください。"


_TOO_LARGE = (
    "送信されたデータが大きすぎます（{most} MBまで）。ファイルを小さくするか、分けてからお試しください。"
)
_TOO_LARGE_PAGE = """<h1>大きすぎます</h1><p>{words}</p><p class="en" lang="en">What was sent is too large
(at most {most} MB). Make the file smaller or divide it, then try again.</p>"""


def away(request: web.Request) -> web.Response:
    """503: a page for a person who opens one, JSON for a script that asks."""
    headers = {"Retry-After": str(REFRESH_S), "Cache-Control": "no-store"}
    if request.method == "GET" and _is_read(request):
        again = f'<meta http-equiv="refresh" content="{REFRESH_S}">'
        return _page(503, "準備しています", _AWAY, again, headers)
    return _refusal(503, "web_away", _WORDS, headers)


def too_large(request: web.Request, most_bytes: int) -> web.Response:
    """413, before the web process hears of it: a page for a person's form, JSON for a script."""
    most = most_bytes >> 20
    words = _TOO_LARGE.format(most=most)
    if _is_read(request):
        return _page(413, "大きすぎます", _TOO_LARGE_PAGE.format(words=words, most=most))
    return _refusal(413, "too_large", words)


def _is_read(request: web.Request) -> bool:
    return "text/html" in request.headers.get("Accept", "")


def _page(
    status: int, title: str, said: str, head: str = "", headers: Mapping[str, str] = MappingProxyType({})
) -> web.Response:
    text = f"""<!doctype html>
<html lang="ja"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{head}
<title>{title} · 窓口 Madoguchi</title><style>{_STYLE}</style></head>
<body><main>{said}</main></body></html>
"""
    rules = {"Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'"}
    return web.Response(status=status, text=text, content_type="text/html", headers={**headers, **rules})


def _refusal(
    status: int, code: str, words: str, headers: Mapping[str, str] = MappingProxyType({})
) -> web.Response:
    body = json.dumps({"error": {"code": code, "message": words}}, ensure_ascii=False)
    return web.Response(status=status, text=body, content_type="application/json", headers=headers)
