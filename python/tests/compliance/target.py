"""What the suite is run against: the environment says."""

from __future__ import annotations

import os

import sqlalchemy

DRIVER = os.environ.get("PGIRIS_SUITE_DRIVER", "iris+psycopg")
BACKEND = DRIVER.partition("+")[0]
# another server than a broker, to see what the suite asks of a real PostgreSQL
URL = os.environ.get("PGIRIS_SUITE_URL")
# the lists of what is off name what this suite has; one of an older SQLAlchemy has less
SUITE_IS_OLDER = tuple(map(int, sqlalchemy.__version__.split(".")[:2])) < (2, 1)
