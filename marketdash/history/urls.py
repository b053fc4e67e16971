from __future__ import annotations

from django.urls import path

from marketdash.history import views

urlpatterns = [path("instruments/<slug:slug>/bars/", views.bars, name="bars")]
