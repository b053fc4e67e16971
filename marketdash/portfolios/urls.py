from __future__ import annotations

from django.urls import path

from marketdash.portfolios import (
    base_views,
    entry_views,
    import_views,
    lacking_views,
    link_views,
    share_views,
    table_views,
    views,
)

urlpatterns = [
    path("portfolios/", views.overview, name="portfolios"),
    path("portfolios/<int:key>/", views.portfolio, name="portfolio"),
    path("portfolios/<int:key>/rename/", views.rename, name="portfolio_rename"),
    path("portfolios/<int:key>/currency/", base_views.base, name="portfolio_base"),
    path("portfolios/<int:key>/method/", views.set_method, name="portfolio_method"),
    path("portfolios/<int:key>/accounts/", views.open_account, name="portfolio_account"),
    path("portfolios/<int:key>/delete/", views.delete, name="portfolio_delete"),
    path("portfolios/<int:key>/share/", share_views.share, name="portfolio_share"),
    path("portfolios/<int:key>/share/end/", share_views.end_share, name="portfolio_share_end"),
    path("portfolios/<int:key>/links/", link_views.make, name="portfolio_link"),
    path("portfolios/<int:key>/links/end/", link_views.end, name="portfolio_link_end"),
    path("shared/<str:secret>/", link_views.shared, name="shared"),
    path("portfolios/<int:key>/leave/", share_views.leave, name="portfolio_leave"),
    path("portfolios/restore/", table_views.restore, name="portfolio_restore"),
    path("portfolios/<int:key>/holdings.<str:form>", table_views.holdings, name="portfolio_holdings"),
    path("portfolios/<int:key>/entries.<str:form>", table_views.entries, name="portfolio_entries"),
    path("portfolios/<int:key>/backup/", table_views.whole, name="portfolio_backup"),
    path("portfolios/<int:key>/entries/new/", entry_views.new, name="entry_new"),
    path("portfolios/<int:key>/entries/review/", entry_views.review, name="entry_review"),
    path("portfolios/<int:key>/entries/save/", entry_views.save, name="entry_save"),
    path("portfolios/<int:key>/entries/<int:pk>/", entry_views.entry, name="entry"),
    path("portfolios/<int:key>/entries/<int:pk>/rate/", lacking_views.rate, name="entry_rate"),
    path("portfolios/<int:key>/unknown/", lacking_views.unknown, name="portfolio_unknown"),
    path("portfolios/<int:key>/entries/<int:pk>/reverse/", entry_views.reverse, name="entry_reverse"),
    path("portfolios/<int:key>/imports/", import_views.imports, name="imports"),
    path("portfolios/<int:key>/imports/<int:pk>/", import_views.one, name="import"),
    path("portfolios/<int:key>/imports/<int:pk>/progress/", import_views.progress, name="import_progress"),
    path("portfolios/<int:key>/imports/<int:pk>/look/", import_views.look, name="import_look"),
    path("portfolios/<int:key>/imports/<int:pk>/start/", import_views.start, name="import_start"),
    path("portfolios/<int:key>/imports/<int:pk>/undo/", import_views.undo, name="import_undo"),
    path("portfolios/<int:key>/imports/<int:pk>/forget/", import_views.forget, name="import_forget"),
]
