from __future__ import annotations

from django.urls import path

from marketdash.instruments import views

urlpatterns = [
    path("", views.markets, name="markets"),
    path("instruments/<slug:slug>/", views.instrument, name="instrument"),
    path("listing/", views.listing, name="listing"),
    path("sparklines/", views.sparklines, name="sparklines"),
]
