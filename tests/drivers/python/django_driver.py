"""Django: `python django_driver.py URL` prints what the server answers to its users."""

from __future__ import annotations

import datetime
import io
import sys
import tempfile
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from report import section, show

URL = urlsplit(sys.argv[1])
FOLDER = tempfile.TemporaryDirectory()
sys.path.insert(0, FOLDER.name)
# where makemigrations writes
(Path(FOLDER.name) / "shop_migrations").mkdir()
(Path(FOLDER.name) / "shop_migrations/__init__.py").touch()
settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": URL.path.lstrip("/"),
            "USER": URL.username,
            "HOST": URL.hostname,
            "PORT": URL.port,
        }
    },
    INSTALLED_APPS=[
        *("django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"),
        "django_shop",
    ],
    MIGRATION_MODULES={"django_shop": "shop_migrations"},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    SECRET_KEY="of no value",
    USE_TZ=True,
    TIME_ZONE="UTC",
)
django.setup()

# these need the settings
from django.contrib.auth import authenticate  # noqa: E402
from django.contrib.auth.models import Group, Permission, User  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.paginator import Paginator  # noqa: E402
from django.db import DatabaseError, connection, migrations, models, transaction  # noqa: E402
from django.db.migrations.state import ProjectState  # noqa: E402
from django.db.models import F, OuterRef, Prefetch, Q, Subquery, Value, When, Window  # noqa: E402
from django.db.models import functions as f  # noqa: E402
from django_shop.models import Author, Book, Loan, Tag  # noqa: E402

FIRST = datetime.datetime(2024, 2, 29, 1, 2, 3, 4567, datetime.timezone.utc)


def command(*arguments: str, **options: Any) -> str:
    printed = io.StringIO()
    call_command(*arguments, stdout=printed, no_color=True, **options)
    return printed.getvalue()


def fails(label: str, action: Callable[[], Any]) -> None:
    """Run what must fail and print its SQLSTATE, or the class of Django's error."""
    try:
        with transaction.atomic():
            action()
    except (DatabaseError, models.ProtectedError) as error:
        state = getattr(error.__cause__, "sqlstate", None)
        print(f"{label}: {type(error).__name__} {state}")
        return
    raise AssertionError(f"{label}: succeeds")


def tables() -> None:
    section("migrations")
    show("made", command("makemigrations", "django_shop").count("+ "))
    print(command("migrate"))
    print(command("migrate"))
    print(command("showmigrations"))
    print(command("makemigrations", check_changes=True, dry_run=True))
    show("tables", sorted(connection.introspection.table_names()))
    for model in (Author, Book, Loan):
        show(model.__name__, described(model._meta.db_table))


def described(table: str) -> Any:
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, table)
        keys = connection.introspection.get_constraints(cursor, table)
    told = ("columns", "primary_key", "unique", "foreign_key", "check", "index")
    return (
        [(it.name, it.type_code, it.internal_size, it.null_ok, it.is_autofield) for it in columns],
        sorted((name, *(str(key[it]) for it in told)) for name, key in keys.items()),
    )


def changes() -> None:
    """What migrations do with a table that has rows."""
    section("changes")
    state = ProjectState()
    text, number = models.CharField, models.IntegerField
    steps = {
        "create": migrations.CreateModel(
            "Item",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("name", text(max_length=20)),
                ("number", number(null=True)),
                ("price", models.DecimalField(max_digits=6, decimal_places=2)),
            ],
        ),
        "row": migrations.RunPython(
            lambda apps, _: apps.get_model("w", "Item").objects.create(name="x", price=1)
        ),
        "nullable": migrations.AddField("item", "note", models.TextField(null=True)),
        "boolean": migrations.AddField("item", "flag", models.BooleanField(default=False)),
        "default": migrations.AddField("item", "code", text(max_length=5, default="abc")),
        "kept default": migrations.AddField("item", "level", number(db_default=7)),
        "moment": migrations.AddField("item", "made", models.DateTimeField(default=FIRST)),
        "JSON": migrations.AddField("item", "extra", models.JSONField(default=dict)),
        "wider": migrations.AlterField("item", "name", text(max_length=80)),
        "text": migrations.AlterField("item", "name", models.TextField()),
        "indexed": migrations.AlterField("item", "name", text(max_length=50, db_index=True)),
        "not null": migrations.AlterField("item", "number", number(default=3)),
        "bigger": migrations.AlterField("item", "number", models.BigIntegerField(null=True)),
        "as text": migrations.AlterField("item", "number", text(max_length=9, null=True)),
        "as number": migrations.AlterField("item", "number", number(null=True)),
        "other default": migrations.AlterField("item", "level", number(db_default=8)),
        "no default": migrations.AlterField("item", "level", number(null=True)),
        "renamed": migrations.RenameField("item", "name", "title"),
        "index": migrations.AddIndex("item", models.Index(fields=["number", "price"], name="np")),
        "no index": migrations.RemoveIndex("item", "np"),
        "unique": migrations.AddConstraint(
            "item", models.UniqueConstraint(fields=["title", "code"], name="tc")
        ),
        "not unique": migrations.RemoveConstraint("item", "tc"),
        "comment": migrations.AlterModelTableComment("item", "things"),
        "renamed table": migrations.RenameModel("Item", "Thing"),
        "other table": migrations.AlterModelTable("thing", "things"),
        "less": migrations.RemoveField("thing", "flag"),
        "SQL": migrations.RunSQL("UPDATE things SET number = 5; UPDATE things SET code = 'y'"),
        "gone": migrations.DeleteModel("Thing"),
    }
    for label, step in steps.items():
        changed = state.clone()
        step.state_forwards("w", changed)
        with connection.schema_editor() as editor:
            step.database_forwards("w", editor, state, changed)
        state = changed
        for (_, name), model in state.models.items():
            table = model.options.get("db_table") or f"w_{name}"
            show(label, (described(table), list(state.apps.get_model("w", name).objects.values())))


def rows() -> None:
    section("rows")
    ann = Author.objects.create(name="Ann", born=datetime.date(1970, 1, 2), joined=FIRST)
    later = FIRST + datetime.timedelta(days=9)
    bob = Author.objects.create(name="Bob", joined=later, active=False)
    show("keys", (ann.pk, bob.pk))
    tags = Tag.objects.bulk_create([Tag(label=f"t{number}") for number in range(5)])
    show("many", [tag.pk for tag in tags])
    for number in range(6):
        book = Book.objects.create(
            id=uuid.UUID(int=number),
            author=ann if number % 2 else bob,
            title=f"Title {number}",
            price=Decimal("9.50") + number,
            pages=100 * number,
            weight=None if number == 3 else number / 2,
            extra={"k": number, "n": {"x": [1, 2, number]}, "s": f"v{number}"},
            blurb='it\'s "q" % \\ ü',
            cover=b"ab%d" % number,
            took=datetime.timedelta(days=number, seconds=5),
            at=datetime.time(1, 2, number),
            status="o" if number > 3 else "d",
        )
        book.tags.add(tags[0], tags[number % 5])
    for book in Book.objects.order_by("id").values():
        book["cover"] = bytes(book["cover"])
        show("row", book)


def titles(books: Any) -> list[str]:
    return list(books.order_by("title").values_list("title", flat=True))


def queries() -> None:
    section("queries")
    books, authors = Book.objects, Author.objects
    show("joined", list(books.select_related("author").order_by("id").values_list("author__name")))
    inner = Prefetch("books", books.order_by("title").prefetch_related("tags"))
    for author in authors.prefetch_related(inner):
        of_author = [
            (it.title, sorted(tag.label for tag in it.tags.all())) for it in author.books.all()
        ]
        show(author.name, of_author)
    counted = authors.annotate(n=models.Count("books"), most=models.Max("books__pages"))
    show("grouped", list(counted.order_by("name").values_list("name", "n", "most")))
    show("sums", books.aggregate(models.Sum("price"), models.Min("price"), models.Avg("pages")))
    for condition in (
        *(Q(pages__gte=300) | Q(title__startswith="Title 0"), ~Q(author__name="Ann")),
        *(
            Q(tags__label="t0", author__active=True),
            Q(weight__isnull=True),
            Q(price__range=(10, 12)),
        ),
        *(Q(title__contains="e 3"), Q(title__icontains="E 3"), Q(title__iexact="title 3")),
        *(Q(title__regex="[34]$"), Q(title__iregex="TITLE [34]"), Q(blurb__contains="%")),
        *(Q(pages__gt=F("price") * 20), Q(took__gt=datetime.timedelta(days=3)), Q(cover=b"ab2")),
        *(Q(id__in=[uuid.UUID(int=1), uuid.UUID(int=2)]), Q(author__joined__year=2024)),
        *(Q(author__joined__date=FIRST.date()), Q(author__joined__hour=1), Q(at__minute=2)),
        *(Q(extra__k=3), Q(extra__n__x__2=3), Q(extra__s="v3"), Q(extra__contains={"k": 3})),
        *(Q(extra__has_key="k"), Q(extra__has_any_keys=["zz", "s"]), Q(extra__s__icontains="V3")),
        *(Q(extra__zz__isnull=True), Q(extra={"k": 3, "s": "v3", "n": {"x": [1, 2, 3]}})),
    ):
        show(f"{condition}", titles(books.filter(condition).distinct()))
    show("members", list(books.order_by("id").values_list("extra__k", "extra__n__x")))
    show("by a member", list(books.order_by("-extra__k").values_list("title", flat=True)[:2]))
    show("months", list(authors.datetimes("joined", "month")))
    show("days", list(authors.annotate(day=f.TruncDate("joined")).values_list("name", "day")))
    functions = {"u": f.Upper("name"), "n": f.Length("name"), "c": f.Concat("name", Value("!"))}
    show("functions", list(authors.annotate(**functions).values_list(*functions)))
    sizes = models.Case(When(pages__gt=200, then=Value("big")), default=Value("small"))
    show("case", list(books.order_by("id").annotate(size=sizes).values_list("size", flat=True)))
    longest = books.filter(author=OuterRef("pk")).order_by("-pages").values("title")[:1]
    show("subquery", list(authors.annotate(top=Subquery(longest)).values_list("name", "top")))
    long = books.filter(author=OuterRef("pk"), pages__gt=450)
    show("exists", list(authors.filter(models.Exists(long)).values_list("name", flat=True)))
    place = Window(f.RowNumber(), partition_by="author", order_by="-price")
    show("window", list(books.annotate(at_=place).order_by("id").values_list("title", "at_")))
    show("union", sorted(authors.values_list("name").union(Tag.objects.values_list("label"))))
    pages = Paginator(books.order_by("-price"), 4)
    show("page", (pages.count, pages.num_pages, [it.title for it in pages.page(2)]))
    show("stream", [it.title for it in books.order_by("id").iterator(chunk_size=2)])
    show(
        "raw",
        [it.name for it in authors.raw("SELECT * FROM django_shop_author WHERE id = %s", [1])],
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, active FROM django_shop_author WHERE id = ANY(%s)", [[2]])
        show("cursor", ([it.name for it in cursor.description], cursor.fetchall()))


def writing() -> None:
    section("writing")
    show("updated", Book.objects.filter(status="d").update(pages=F("pages") + 1))
    show("by a join", Book.objects.filter(author__name="Bob").update(price=F("price") * 2))
    show("prices", list(Book.objects.order_by("id").values_list("price", "pages")))
    for label in ("t0", "new"):
        show("get or create", Tag.objects.get_or_create(label=label)[1])
    for active in (True, False):
        values = {"joined": FIRST, "active": active}
        show("update or create", Author.objects.update_or_create(name="Cid", defaults=values)[1])
    changed = [
        Tag(pk=it.pk, label=f"{it.label}x") for it in Tag.objects.filter(label__in=["t1", "t2"])
    ]
    show("bulk update", Tag.objects.bulk_update(changed, ["label"]))
    Tag.objects.bulk_create([Tag(label="t0"), Tag(label="up")], ignore_conflicts=True)
    show("tags", sorted(Tag.objects.values_list("label", flat=True)))
    both = [Author(name=name, joined=FIRST, active=True) for name in ("Cid", "Dee")]
    how = {"unique_fields": ["name"], "update_fields": ["active"], "update_conflicts": True}
    Author.objects.bulk_create(both, **how)
    show("upserted", list(Author.objects.values_list("name", "active")))
    fails("duplicate", lambda: Author.objects.create(name="Ann", joined=FIRST))
    fails("no author", lambda: Book.objects.create(title="x", price=1, author_id=None))
    fails("too long", lambda: Author.objects.create(name="x" * 99, joined=FIRST))
    with transaction.atomic():
        Tag.objects.create(label="outer")
        try:
            with transaction.atomic():
                Tag.objects.create(label="inner")
                raise ValueError
        except ValueError:
            pass
        show("locked", Author.objects.select_for_update().get(name="Ann").name)
    show("kept", list(Tag.objects.filter(label__in=["outer", "inner"]).values_list("label")))
    Loan.objects.create(book=Book.objects.get(title="Title 1"))
    fails("protected", lambda: Book.objects.filter(title="Title 1").delete())
    show("deleted", Book.objects.filter(pages__gt=450).delete())
    show("with its books", Author.objects.filter(name="Bob").delete())


def contrib() -> None:
    section("users and sessions")
    user = User.objects.create_user("joe", "joe@example.org", "secret")
    group = Group.objects.create(name="clerks")
    may = Permission.objects.filter(content_type__app_label="auth", codename__startswith="add_")
    group.permissions.set(may)
    user.groups.add(group)
    show("may", sorted(User.objects.get(username="joe").get_all_permissions()))
    show(
        "logs in", [authenticate(username="joe", password=it) is not None for it in ("secret", "x")]
    )
    session = SessionStore()
    session["basket"] = [1, 2]
    session.save()
    show("session", SessionStore(session.session_key)["basket"])
    command("clearsessions")
    show("dumped", len(command("dumpdata", "django_shop")))
    command("flush", interactive=False)
    show("left", (Author.objects.count(), User.objects.count()))
    print(command("migrate", "django_shop", "zero"))


for part in (tables, changes, rows, queries, writing, contrib):
    part()
section("end")
