"""What people see while the web process is away: calm, true, and gone by itself."""

import base64
import hashlib
import json

from aiohttp import web

REFRESH_S = 3
_STYLE = (
    "body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f8f8fb;color:#1a1a1a;"
    'font:16px/1.7 "Noto Sans JP","Noto Sans CJK JP","Hiragino Sans","Yu Gothic UI",Meiryo,sans-serif}'
    "main{max-width:32rem;padding:2rem}h1{font-size:1.375rem}p{margin:.75em 0}"
    ".en{color:#626264;font-size:.875rem}"
)
_PAGE = f"""<!doctype html>
<html lang="ja"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="{REFRESH_S}">
<title>準備しています · 窓口 Madoguchi</title><style>{_STYLE}</style></head>
<body><main><h1>画面を準備しています</h1>
<p>まもなく表示されます。このままお待ちください（自動で読み直します）。</p>
<p>通話中の電話はつながったままです。お待ちのお客様の順番も変わりません。</p>
<p class="en" lang="en">The pages will be back in a moment; this one reloads by itself.
Calls under way go on.</p>
</main></body></html>
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_WORDS = "画面のサーバーが準備中です。入力はこの画面に残っています。数秒後にもう一度お試しください。"


def away(request: web.Request) -> web.Response:
    """503: a page for a person who opens one, JSON for a script that asks."""
    headers = {"Retry-After": str(REFRESH_S), "Cache-Control": "no-store"}
    if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
        headers["Content-Security-Policy"] = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'"
        return web.Response(status=503, text=_PAGE, content_type="text/html", headers=headers)
    body = json.dumps({"error": {"code": "web_away", "message": _WORDS}}, ensure_ascii=False)
    return web.Response(status=503, text=body, content_type="application/json", headers=headers)
