"""Rounds of ``engines`` over portfolios and imports: what one of them raises keeps no other waiting."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet

from marketdash.portfolios import reading
from marketdash.portfolios.models import Portfolio

logger = logging.getLogger(__name__)

Due = TypeVar("Due")


def one_by_one(due: Iterable[Due], work: Callable[[Due], int], what: str) -> int:
    """The sum of what ``work`` answers. The first problem is raised when all had their turn, so that whoever
    runs the round counts it."""
    problems, done = [], 0
    for each in due:
        try:
            done += work(each)
        except ObjectDoesNotExist:  # it, or its portfolio, was deleted meanwhile
            continue
        except Exception as problem:  # a task boundary
            problems.append(problem)
            logger.warning("%s: %s: %s", what, getattr(each, "pk", each), problem)
    if problems:
        raise problems[0]
    return done


def with_entries() -> QuerySet[Portfolio]:
    """Portfolios in whose ledgers something is, with the number of the ``newest`` entry."""
    return Portfolio.objects.annotate(newest=reading.newest()).filter(newest__isnull=False)
