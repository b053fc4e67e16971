from __future__ import annotations

from django.urls import path

from marketdash.options import views

urlpatterns = [
    path("options/", views.overview, name="options"),
    path("options/<slug:underlying>/", views.chain, name="chain"),
]
