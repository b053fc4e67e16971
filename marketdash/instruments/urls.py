from __future__ import annotations

from django.urls import path

from marketdash.instruments import views

urlpatterns = [
    path("listing/", views.listing, name="listing"),
    path("find/", views.find, name="find"),
    path("lines/", views.lines, name="lines"),
    path("sparklines/", views.sparklines, name="sparklines"),
]
