"""Where an administrator chooses what is followed. The worker follows each change at once."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse
from django.urls import path
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from marketdash.instruments import assets, figures, history, search
from marketdash.instruments.actions import CHANNELS, choose
from marketdash.instruments.admin_history import Historic, HistoryAdmin
from marketdash.instruments.catalogue import catalogue, listed
from marketdash.instruments.channels_form import ChannelsForm, PartsForm
from marketdash.instruments.columns import LiveColumns
from marketdash.instruments.models import CONTRACTS, Alias, Asset, Instrument, Venue
from marketdash.instruments.rule_admin import RuleAdmin
from marketdash.instruments.rule_models import Rule
from marketdash.instruments.transfer import CsvTransfer

MOST_FOLLOWED = 2000
"""As many as one click may switch on: all 20,000 of a venue would only be refused by it."""
LIVE_ROWS = 200

admin.site.register(LogEntry, HistoryAdmin)
admin.site.register(Rule, RuleAdmin)


@admin.register(Venue)
class VenueAdmin(Historic):
    list_display = ("name", "title", "enabled")
    list_editable = ("enabled",)
    search_fields = ("name", "title")

    def get_readonly_fields(self, request: HttpRequest, obj: Venue | None = None) -> tuple[str, ...]:
        return ("name",) if obj else ()  # instruments carry it in their own names

    def save_model(self, request: HttpRequest, obj: Venue, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "title" in form.changed_data:
            assets.settle_all()


class AliasInline(TabularInline):
    model = Alias
    extra = 0


@admin.register(Asset)
class AssetAdmin(Historic):
    """Aliases stand with the asset that they mean."""

    list_display = ("code", "title", "other_codes")
    search_fields = ("code", "title", "aliases__code")
    inlines = (AliasInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Asset]:
        return super().get_queryset(request).prefetch_related("aliases__venue")

    @admin.display(description="Aliases")
    def other_codes(self, asset: Asset) -> str:
        return ", ".join(map(str, asset.aliases.all()))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        assets.settle_all()


@admin.register(Instrument)
class InstrumentAdmin(LiveColumns, CsvTransfer, Historic):
    form = PartsForm
    list_display = (
        "symbol",
        "enabled",
        "ticker",
        "trades",
        "bars",
        "book_depth",
        *LiveColumns.columns,
    )
    list_editable = CHANNELS
    list_filter = (
        "enabled",
        ("venue", RelatedDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("status", ChoicesDropdownFilter),
    )
    list_filter_submit = True
    list_fullwidth = True
    list_select_related = ("venue",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("searched",)
    search_help_text = "Any part of a name, in any order: sol eur, xbt kraken, bitcoin"
    readonly_fields = ("symbol", "slug", "base_asset", "quote_asset", "former", "rule")
    actions = ("follow", "stop_following", *LiveColumns.channel_actions)
    fieldsets = (
        (None, {"fields": ("symbol", "venue", "native", "status", "former")}),
        (
            "What the worker follows",
            {
                "fields": (*CHANNELS, "rule"),
                "description": "Mark price, funding and open interest of a perpetual or a future come with "
                "its ticker, its liquidations with its trades.",
            },
        ),
        (
            "What it is",
            {
                "fields": (
                    "kind",
                    "base",
                    "base_asset",
                    "quote",
                    "quote_asset",
                    "settle",
                    "expiry",
                    "strike",
                    "right",
                )
            },
        ),
        ("Sizes", {"fields": ("tick_size", "lot_size", "contract_size", "slug")}),
    )
    warn_unsaved_form = True

    class Media:
        js = ("js/admin/live.js",)
        css = {"all": ("css/admin.css",)}

    # finding

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Instrument], search_term: str
    ) -> tuple[QuerySet[Instrument], bool]:
        """One column holds all that an instrument may be called, without separators."""
        for word in search.words(search_term):
            queryset = queryset.filter(searched__contains=word)
        return queryset, False

    # one row

    def get_readonly_fields(self, request: HttpRequest, obj: Instrument | None = None) -> tuple[str, ...]:
        """What a contract is, its venue says: a size that somebody mistyped would be money."""
        named = ("venue", "native") if obj else ()
        terms = ("settle", "expiry", "contract_size") if obj and obj.kind in CONTRACTS else ()
        return (*self.readonly_fields, *named, *terms)

    @admin.display(description="Former names")
    def former(self, row: Instrument) -> str:
        return ", ".join(row.former_symbols.values_list("symbol", flat=True)) or "–"

    def has_delete_permission(self, request: HttpRequest, obj: Instrument | None = None) -> bool:
        """Bars, portfolios and watchlists hang on it: it is switched off, or its venue delists it."""
        return False

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[ChannelsForm]:
        return super().get_changelist_form(request, form=ChannelsForm, **kwargs)

    def save_model(self, request: HttpRequest, obj: Instrument, form: Any, change: bool) -> None:
        if not change or {"base", "quote"} & set(form.changed_data):
            obj.symbol = f"{obj.venue.name}:{obj.native}"
            assets.settle([obj])
        super().save_model(request, obj, form, change)
        if obj.enabled and (gone := listed(obj).gone):
            self.message_user(request, f"{obj}: {gone}, so nothing will come", messages.WARNING)

    # many rows

    @admin.action(description="Follow the selected instruments", permissions=["change"])
    def follow(self, request: HttpRequest, queryset: QuerySet[Instrument]) -> None:
        if (many := queryset.filter(enabled=False).count()) > MOST_FOLLOWED:
            text = f"Nothing was changed: at most {MOST_FOLLOWED:,} can be followed at once, found {many:,}"
            self.message_user(request, text, messages.ERROR)
            return
        self.choose(request, queryset, {"enabled": True}, "followed")

    @admin.action(description="Stop following the selected instruments", permissions=["change"])
    def stop_following(self, request: HttpRequest, queryset: QuerySet[Instrument]) -> None:
        self.choose(request, queryset, {"enabled": False}, "no longer followed")

    def choose(
        self, request: HttpRequest, rows: QuerySet[Instrument], values: dict[str, Any], words: str
    ) -> None:
        changed = choose(rows, values, history.By(request.user.pk, "bulk action"))
        self.message_user(request, f"{changed} {words}")

    # how they do

    def get_urls(self) -> list[Any]:
        return [path("live/", self.live, name="instruments_live"), *super().get_urls()]

    async def live(self, request: HttpRequest) -> JsonResponse:
        """``?symbol=…&symbol=…`` → how each does now, for who may see the list."""
        user = await request.auser()
        if not (user.is_active and user.is_staff and await user.ahas_perm("instruments.view_instrument")):
            return JsonResponse({"error": "sign in as staff who may view instruments"}, status=403)
        names = request.GET.getlist("symbol")[:LIVE_ROWS]
        rows = await figures.read(names, catalogue)
        return JsonResponse({"rows": rows}, headers={"Cache-Control": "no-store"})
