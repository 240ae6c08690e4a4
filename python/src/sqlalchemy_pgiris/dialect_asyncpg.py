"""`iris+asyncpg://`, async: IRIS's SQL from sqlalchemy-iris, connections from asyncpg."""

from __future__ import annotations

from .broker_dialect import IRISDialect_pgiris
from .execution import IRISExecutionContext_asyncpg
from .transport_asyncpg import AsyncpgTransport
from .types.asyncpg import ASYNCPG_COLSPECS


class IRISDialect_asyncpg(AsyncpgTransport, IRISDialect_pgiris):
    """There is no sync one: asyncpg is asyncio's alone."""

    supports_statement_cache = True
    execution_ctx_cls = IRISExecutionContext_asyncpg
    colspecs = ASYNCPG_COLSPECS
    # asyncpg counts them with 15 bits
    insertmanyvalues_max_parameters = 32_767
