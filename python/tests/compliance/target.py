"""What the suite is run against: the environment says."""

from __future__ import annotations

import os

DRIVER = os.environ.get("PGIRIS_SUITE_DRIVER", "iris+psycopg")
BACKEND = DRIVER.partition("+")[0]
# another server than a broker, to see what the suite asks of a real PostgreSQL
URL = os.environ.get("PGIRIS_SUITE_URL")
