//! The keys of pools.

use super::Key;
use super::forms::time;
use super::words::POOL_MODES;

pub(super) const KEYS: &[Key] = &[
    word!(
        "pool.mode",
        "`\"session\"`, `\"transaction\"` or `\"statement\"`",
        config.pool.mode,
        POOL_MODES,
        "How long a client keeps a connection to IRIS, as PgBouncer's `pool_mode`; see [pooling](pooling.md)."
    ),
    count!(
        "pool.size",
        config.pool.size,
        "Connections of one user to one namespace; who needs another one waits. 0, in the mode `\"session\"` only: no limit, and none is kept for the next client."
    ),
    count!(
        "pool.minimum",
        config.pool.minimum,
        "Connections that are kept open while a client of that user and namespace is there."
    ),
    count!(
        "pool.reserve",
        config.pool.reserve,
        "Connections beyond `pool.size` for clients that have waited for `pool.reserve_timeout`."
    ),
    time!(
        "pool.reserve_timeout",
        config.pool.reserve_timeout,
        "See `pool.reserve`."
    ),
    time!(
        "pool.wait_timeout",
        config.pool.wait_timeout,
        "How long a client waits for a connection, before it gets SQLSTATE 53300."
    ),
    time!(
        "pool.idle_timeout",
        config.pool.idle_timeout,
        "After this time a connection that nobody uses is closed."
    ),
    time!(
        "pool.lifetime",
        config.pool.lifetime,
        "A connection that is older is closed as soon as nobody uses it."
    ),
    time!(
        "pool.connect_retry",
        config.pool.connect_retry,
        "The longest pause between attempts to reach IRIS; the first is 100ms, each next is twice as long. Meanwhile clients that need a new connection get SQLSTATE 08001 at once."
    ),
    time!(
        "pool.check_delay",
        config.pool.check_delay,
        "A connection that was unused for longer is asked for a sign of life before it is used."
    ),
    time!(
        "pool.check_timeout",
        config.pool.check_timeout,
        "How long IRIS may take for that sign of life, and for the first answers on a new connection."
    ),
    time!(
        "pool.cancel_timeout",
        config.pool.cancel_timeout,
        "How long IRIS may take to stop a statement that it was asked to stop, whoever asked; then its connection is given up ([pooling](pooling.md#connections-that-die))."
    ),
];
