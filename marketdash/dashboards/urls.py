from __future__ import annotations

from django.urls import path

from marketdash.dashboards import pages, screen_views, views

urlpatterns = [
    path("", pages.markets, name="markets"),
    path("instruments/<slug:slug>/", pages.instrument, name="instrument"),
    path("screens/keep/", screen_views.keep, name="screens_keep"),
    path("screens/save/", screen_views.save, name="screens_save"),
    path("screens/delete/", screen_views.delete, name="screens_delete"),
    path("watchlists/", views.overview, name="watchlists"),
    path("watchlists/order/", views.order_lists, name="watchlists_order"),
    path("watchlists/star/", views.star, name="star"),
    path("watchlists/state/", views.state, name="watchlists_state"),
    path("watchlists/find/", views.find, name="watchlists_find"),
    path("watchlists/<int:key>/", views.watchlist, name="watchlist"),
    path("watchlists/<int:key>/rename/", views.rename, name="watchlist_rename"),
    path("watchlists/<int:key>/delete/", views.delete, name="watchlist_delete"),
    path("watchlists/<int:key>/review/", views.review, name="watchlist_review"),
    path("watchlists/<int:key>/add/", views.add, name="watchlist_add"),
    path("watchlists/<int:key>/remove/", views.remove, name="watchlist_remove"),
    path("watchlists/<int:key>/restore/", views.restore, name="watchlist_restore"),
    path("watchlists/<int:key>/order/", views.order_items, name="watchlist_order"),
    path("watchlists/<int:key>/export/", views.export, name="watchlist_export"),
]
