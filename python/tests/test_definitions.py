"""What a table is defined with reaches IRIS, or is refused with its reason, sync and async."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pgvector.sqlalchemy import Vector
from sqlalchemy import (
    ARRAY,
    CHAR,
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Connection,
    Date,
    DateTime,
    Enum,
    ForeignKey,
    Identity,
    Integer,
    Interval,
    MetaData,
    Numeric,
    Sequence,
    String,
    Table,
    Text,
    Uuid,
    delete,
    exc,
    false,
    func,
    insert,
    inspect,
    literal,
    null,
    select,
    text,
    true,
)
from sqlalchemy import types as sqltypes
from sqlalchemy.types import TypeEngine

from database import Database
from sqlalchemy_pgiris import IRISVector


def is_now(value: datetime | None) -> bool:
    if value is None:
        return False
    now = (
        datetime.now(timezone.utc)
        if value.tzinfo
        else datetime.now(timezone.utc).replace(tzinfo=None)
    )
    return abs(now - value) < timedelta(minutes=5)


Expected = Callable[[Any], bool]
DEFAULTS: list[tuple[TypeEngine[Any], Any, Any]] = [
    (DateTime(), func.now(), is_now),
    (DateTime(), text("now()"), is_now),
    (DateTime(), text("CURRENT_TIMESTAMP"), is_now),
    (DateTime(timezone=True), func.now(), is_now),
    (Date(), func.current_date(), lambda value: abs(value - date.today()) <= timedelta(days=1)),
    (Boolean(), text("false"), False),
    (Boolean(), "false", False),
    (Boolean(), "t", True),
    (Boolean(), "0", False),
    (Boolean(), false(), False),
    (Boolean(), true(), True),
    (Uuid(), text("gen_random_uuid()"), lambda value: isinstance(value, UUID)),
    (String(5), text("'a'::varchar"), "a"),
    (String(5), "it's", "it's"),
    (String(5), literal("q"), "q"),
    (Integer(), "7", 7),
    (Integer(), text("-1"), -1),
    (Integer(), null(), None),
    (Numeric(5, 2), "0.50", Decimal("0.50")),
    (JSON(), "{}", {}),
    (ARRAY(Integer), "{1,2}", [1, 2]),
    (Interval(), text("'1 hour'"), timedelta(hours=1)),
]


def test_server_defaults(database: Database, fresh: Callable[[str], str]) -> None:
    """All in one table, beside a key that counts and a comment."""
    table = Table(
        fresh("defaults"),
        MetaData(),
        Column("id", Integer, primary_key=True),
        *(
            Column(f"c{number}", type_, server_default=default, comment=f"the {number}th")
            for number, (type_, default, _) in enumerate(DEFAULTS)
        ),
        comment="of every kind",
    )

    def default(connection: Connection) -> list[Any]:
        table.create(connection)
        connection.execute(insert(table).values(id=1))
        row = connection.execute(select(table)).one()
        table.drop(connection)
        return list(row)[1:]

    found = database.run(default)
    for (type_, given, expected), value in zip(DEFAULTS, found, strict=True):
        is_expected = expected(value) if callable(expected) else value == expected
        assert is_expected, f"{type_!r} DEFAULT {given}: {value!r}"


def test_the_time_of_a_default_has_microseconds(
    database: Database, fresh: Callable[[str], str]
) -> None:
    table = Table(
        fresh("moment"),
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("at", DateTime, server_default=func.now()),
    )

    def moments(connection: Connection) -> set[int]:
        table.create(connection)
        for number in range(5):
            connection.execute(insert(table).values(id=number))
        found = {at.microsecond for at in connection.scalars(select(table.c.at))}
        table.drop(connection)
        return found

    assert any(microsecond % 1000 for microsecond in database.run(moments))


@pytest.fixture
def metadata(database: Database) -> Iterator[MetaData]:
    metadata = MetaData()
    yield metadata
    database.run(metadata.drop_all)


def test_a_sequence_fills_its_columns(
    database: Database, fresh: Callable[[str], str], metadata: MetaData
) -> None:
    counts = Sequence(fresh("counts"), metadata=metadata, start=7, increment=2)
    numbers = Sequence(fresh("numbers"), metadata=metadata)
    table = Table(
        fresh("counted"),
        metadata,
        Column("id", Integer, counts, primary_key=True),
        Column("number", Integer, numbers),
        Column("other", BigInteger, server_default=numbers.next_value()),
    )
    database.run(metadata.create_all)

    def fill(connection: Connection) -> list[Any]:
        key = connection.execute(insert(table).values(number=50)).inserted_primary_key
        connection.execute(insert(table), [{"number": 51}, {"number": 52}])
        found: list[Any] = [tuple(row) for row in connection.execute(select(table))]
        return [tuple(key or ()), *found, connection.scalar(counts)]

    assert database.run(fill) == [(7,), (7, 50, 1), (9, 51, 2), (11, 52, 3), 13]
    inspector = database.run(lambda connection: inspect(connection).get_sequence_names())
    assert {counts.name, numbers.name} <= set(inspector)
    assert database.run(lambda connection: inspect(connection).has_sequence(counts.name))
    assert not database.run(lambda connection: inspect(connection).has_sequence("never_made"))


def test_the_options_of_an_identity(
    database: Database, fresh: Callable[[str], str], metadata: MetaData
) -> None:
    table = Table(
        fresh("identity"),
        metadata,
        Column("id", Integer, Identity(always=True, start=100, increment=10), primary_key=True),
        Column("v", Integer),
    )
    by_default = Table(
        fresh("identity"),
        metadata,
        Column("name", String(5), primary_key=True),
        Column("v", Integer, Identity(start=10)),
    )
    database.run(metadata.create_all)

    def fill(connection: Connection) -> list[Any]:
        key = connection.execute(insert(table).values(v=1)).inserted_primary_key
        keys = connection.execute(
            insert(table).returning(table.c.id, sort_by_parameter_order=True),
            [{"v": 2}, {"v": 3}],
        )
        connection.execute(insert(by_default), [{"name": "a"}, {"name": "b"}])
        counted = connection.scalars(select(by_default.c.v).order_by(by_default.c.name))
        return [tuple(key or ()), list(keys.scalars()), list(counted)]

    assert database.run(fill) == [(100,), [110, 120], [10, 11]]
    with pytest.raises(exc.DBAPIError, match="cannot insert a non-DEFAULT value"):
        database.run(lambda connection: connection.execute(insert(table).values(id=5)))
    (column, _) = database.run(lambda connection: inspect(connection).get_columns(table.name))
    assert (column["identity"]["always"], column["identity"]["start"]) == (True, 100)
    assert column["identity"]["increment"] == 10


def test_generated_keys_without_returning(
    database: Database, fresh: Callable[[str], str], metadata: MetaData
) -> None:
    keys: list[Column[Any]] = [
        Column("id", Integer, primary_key=True),
        Column("id", Integer, Identity(start=100), primary_key=True),
        Column("id", Integer, Sequence(fresh("keys"), start=7), primary_key=True),
    ]
    tables = [
        Table(fresh("keyed"), metadata, key, Column("v", Integer), implicit_returning=False)
        for key in keys
    ]
    database.run(metadata.create_all)

    def fill(connection: Connection) -> list[Any]:
        found = []
        for table in tables:
            given = connection.execute(insert(table).values(id=3)).inserted_primary_key
            key = connection.execute(insert(table).values(v=1)).inserted_primary_key
            found.append((*(given or ()), *(key or ())))
            assert connection.scalar(select(table.c.id).where(table.c.v == 1)) == found[-1][1]
        return found

    assert database.run(fill) == [(3, 4), (3, 100), (3, 7)]


def test_a_row_that_is_referred_to_is_not_deleted(
    database: Database, fresh: Callable[[str], str], metadata: MetaData
) -> None:
    names = [fresh("chain") for _ in range(3)]
    first, second, third = (
        Table(
            name,
            metadata,
            Column("id", Integer, primary_key=True),
            Column("to", ForeignKey(f"{names[max(number - 1, 0)]}.id")),
        )
        for number, name in enumerate(names)
    )
    database.run(metadata.create_all)

    def fill(connection: Connection) -> None:
        for table, to in ((first, None), (first, 1), (second, 1), (third, 1)):
            connection.execute(insert(table).values(to=to))

    database.run(fill)
    with pytest.raises(exc.IntegrityError):
        database.run(lambda connection: connection.execute(delete(second)))

    def empty(connection: Connection) -> list[int]:
        return [connection.execute(delete(table)).rowcount for table in (third, second, first)]

    assert database.run(empty) == [1, 1, 2]


def test_a_check_constraint_is_refused_or_left_out_as_the_session_says(
    database: Database, fresh: Callable[[str], str]
) -> None:
    def checked(constraint: str) -> Table:
        return Table(
            fresh("checked"),
            MetaData(),
            Column("v", Integer),
            Column("e", Enum("a", "b", create_constraint=True, name=f"{constraint}_e")),
            CheckConstraint("v > 0", name=constraint),
        )

    with pytest.raises(exc.DBAPIError, match="CHECK constraints are not supported"):
        database.run(checked("positive").create)

    def create(connection: Connection) -> None:
        connection.execute(text("SET LOCAL pgiris.check_constraints = 'ignore'"))
        table = checked("ignored")
        table.create(connection)
        table.drop(connection)

    database.run(create)


def test_a_table_with_a_computed_column(
    database: Database, fresh: Callable[[str], str], metadata: MetaData
) -> None:
    table = Table(
        fresh("computed"),
        metadata,
        Column("id", Integer, primary_key=True),
        Column("n", Integer),
        Column("twice", Integer, Computed("n * 2")),
        Column("at", DateTime(timezone=True), server_default=func.now()),
        Column("ok", Boolean, server_default=true()),
        Column("document", JSON),
        Column("lasts", Interval),
        Column("note", Text, comment="a note"),
    )
    database.run(metadata.create_all)

    def use(connection: Connection) -> Any:
        row = {"n": 4, "document": {"a": [1]}, "lasts": timedelta(hours=1), "note": "N"}
        key = connection.execute(insert(table).values(row)).inserted_primary_key
        assert key is not None
        found = select(table).where(table.c.note == "N", table.c.id == key[0])
        return connection.execute(found).one()

    row = database.run(use)
    assert (row.twice, row.ok, row.document, row.lasts) == (8, True, {"a": [1]}, timedelta(hours=1))
    assert row.at.tzinfo is not None
    assert is_now(row.at)
    columns = database.run(lambda connection: inspect(connection).get_columns(table.name))
    comments = {column["name"]: column["comment"] for column in columns}
    assert (comments["note"], comments["at"]) == ("a note", None)


def test_a_table_that_was_made_over_iris(
    database: Database, fresh: Callable[[str], str], metadata: MetaData
) -> None:
    name = fresh("iris_s")
    table = Table(
        name,
        metadata,
        Column("id", Integer, primary_key=True),
        Column("name", String(50)),
        Column("note", Text),
        Column("zoned", DateTime(timezone=True)),
        Column("document", JSON),
        Column("sold", Boolean),
        Column("key", Uuid(native_uuid=False)),
        Column("lasts", Interval(native=False)),
        Column("data", sqltypes.LargeBinary),
    )
    zoned = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=timezone(timedelta(hours=2)))
    row: dict[str, Any] = {
        "name": "n",
        "note": "x",
        "zoned": zoned,
        "document": {"a": 1},
        "sold": True,
        "key": UUID(int=7),
        "lasts": timedelta(days=2),
        "data": b"\xff",
    }

    def use(connection: Connection) -> Any:
        connection.exec_driver_sql(
            f"CREATE TABLE {name} (id IDENTITY NOT NULL, name VARCHAR(50), note VARCHAR(65535), "
            'zoned DATETIME, document VARCHAR(3641143), sold BIT, "key" CHAR(32), lasts DATETIME, '
            "data BLOB, PRIMARY KEY (id)) WITH %CLASSPARAMETER ALLOWIDENTITYINSERT = 1"
        )
        key = connection.execute(insert(table).values(row)).inserted_primary_key
        found = select(table).where(table.c.zoned == zoned, table.c.key == row["key"])
        return tuple(key or ()), tuple(connection.execute(found).one())

    assert database.run(use) == ((1,), (1, *row.values()))


REFLECTED: list[tuple[TypeEngine[Any], TypeEngine[Any]]] = [
    (IRISVector(3), IRISVector(3)),
    (IRISVector(2, int), IRISVector(2, int)),
    (IRISVector(2, Decimal), IRISVector(2, Decimal)),
    (Vector(4), Vector(4)),
    (Interval(), Interval()),
    (JSON(), JSON()),
    (Uuid(), Uuid()),
    (Boolean(), Boolean()),
    (String(), Text()),
    (String(1), String(1)),
    (CHAR(2), CHAR(2)),
    (CHAR(1), CHAR(1)),
    (Enum("a", "b"), String(1)),
    (DateTime(timezone=True), sqltypes.TIMESTAMP(timezone=True)),
    (DateTime(), sqltypes.TIMESTAMP()),
    (ARRAY(Integer), ARRAY(sqltypes.INTEGER)),
    (ARRAY(Uuid), ARRAY(sqltypes.UUID)),
    (ARRAY(String(3)), ARRAY(sqltypes.VARCHAR)),
    (Numeric(10, 2), sqltypes.NUMERIC(10, 2)),
]


def test_fr012_types_are_reflected(
    database: Database, fresh: Callable[[str], str], metadata: MetaData
) -> None:
    table = Table(
        fresh("reflected"),
        metadata,
        Column("id", Integer, primary_key=True),
        *(Column(f"c{number}", type_) for number, (type_, _) in enumerate(REFLECTED)),
    )
    database.run(metadata.create_all)

    def reflect(connection: Connection) -> Table:
        return Table(table.name, MetaData(), autoload_with=connection)

    reflected = database.run(reflect)
    dialect = database.engine.dialect
    shown = [column.type.compile(dialect) for column in list(reflected.columns)[1:]]
    assert shown == [expected.compile(dialect) for _, expected in REFLECTED]

    def use(connection: Connection) -> Any:
        key = connection.execute(insert(reflected).values(c0=[1, 2, 3], c3=[1, 2, 3, 4]))
        row = connection.execute(select(reflected.c.c0, reflected.c.c3)).one()
        return (key.inserted_primary_key or [])[0], *row

    assert database.run(use) == (1, [1.0, 2.0, 3.0], [1.0, 2.0, 3.0, 4.0])


def test_texts_and_bytes_of_any_length(
    database: Database, fresh: Callable[[str], str], metadata: MetaData
) -> None:
    table = Table(
        fresh("long"),
        metadata,
        Column("id", Integer, primary_key=True),
        Column("note", Text),
        Column("line", String),
        Column("data", sqltypes.LargeBinary),
    )
    row = {"id": 1, "note": "x" * 3_000_000, "line": "ü" * 100_000, "data": b"\xff" * 4_000_000}

    def round_trip(connection: Connection) -> Any:
        metadata.create_all(connection)
        connection.execute(insert(table).values(row))
        return connection.execute(select(table)).one()

    assert database.run(round_trip) == tuple(row.values())


def test_comments_may_change(
    database: Database, fresh: Callable[[str], str], metadata: MetaData
) -> None:
    name = fresh("described")
    iris_s = fresh("described")
    Table(name, metadata, Column("id", Integer, comment="it's\n\tthe key"), comment="100 % of it")

    def reflect(connection: Connection) -> list[Any]:
        metadata.create_all(connection)
        connection.exec_driver_sql(
            f"CREATE TABLE {iris_s} (id INTEGER %DESCRIPTION 'of IRIS', %DESCRIPTION 'its own')"
        )
        inspector = inspect(connection)
        found = [
            (inspector.get_table_comment(table)["text"], inspector.get_columns(table)[0]["comment"])
            for table in (name, iris_s)
        ]
        connection.exec_driver_sql(f"DROP TABLE {iris_s}")
        return found

    assert database.run(reflect) == [
        ("100 % of it", "it's\n\tthe key"),
        ("of IRIS", "its own")[::-1],
    ]
