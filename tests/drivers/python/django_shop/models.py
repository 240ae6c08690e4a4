"""Its tables: every kind of key and relation, and the types of columns that Django has."""

from __future__ import annotations

import uuid

from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=60, unique=True)
    born = models.DateField(null=True)
    joined = models.DateTimeField(db_index=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)


class Tag(models.Model):
    label = models.SlugField(unique=True)


class Book(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    title = models.CharField(max_length=200)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    pages = models.IntegerField(default=0)
    weight = models.FloatField(null=True)
    status = models.CharField(max_length=1, default="d")
    extra = models.JSONField(default=dict)
    blurb = models.TextField(blank=True, default="")
    cover = models.BinaryField(null=True)
    took = models.DurationField(null=True)
    at = models.TimeField(null=True)
    tags = models.ManyToManyField(Tag, related_name="books")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["author", "title"], name="book_once"),)
        indexes = (models.Index(fields=["status", "pages"], name="book_status"),)


class Loan(models.Model):
    book = models.OneToOneField(Book, on_delete=models.PROTECT)
    days = models.IntegerField(default=14)
