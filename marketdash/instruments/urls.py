from __future__ import annotations

from django.urls import path

from marketdash.instruments import views

urlpatterns = [
    path("listing/", views.listing, name="listing"),
    path("sparklines/", views.sparklines, name="sparklines"),
]
