"""The web server: what is published, over HTTP, and beside it what others hang into it.

Everything here speaks ASGI; `server` listens, `app` leads each request to its part, `published` answers with files. It
must not know how a feed is made, nor who starts the server: the commands put it together (`cli.serving`).
"""
