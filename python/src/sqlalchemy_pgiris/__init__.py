"""SQLAlchemy dialects for InterSystems IRIS behind the pgiris broker.

`create_engine("iris+psycopg://localhost/USER")` and
`create_async_engine("iris+psycopg://localhost/USER")` find them by entry point; nothing has to be
imported from here.
"""

from contextlib import suppress

from .errors import require_sqlalchemy

# before anything is imported that an older one has not
require_sqlalchemy()

from sqlalchemy_iris import IRISListBuild, IRISVector  # noqa: E402

# which sqlalchemy-iris imports too, if it is installed
with suppress(ImportError):
    from . import migrations  # noqa: F401

__version__ = "0.1.0"

__all__ = ["IRISListBuild", "IRISVector", "__version__"]
