"""The web server's own lines in the same format as all others."""

import logging
import logging.config
from typing import Any

from gunicorn import glogging

from config.settings import LOGGING


class Logger(glogging.Logger):
    """gunicorn's logger without handlers of its own: its lines go where ours go, and are scrubbed there.

    Its access log stays off: it would hold addresses of people and private links.
    """

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        logging.config.dictConfig(LOGGING)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
