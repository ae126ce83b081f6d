from django.urls import path

from parvis.work.communities import views

urlpatterns = [
    path("communities/", views.list_communities, name="communities"),
    path("communities/new", views.new_community, name="community_new"),
    path("communities/key/<str:key>", views.by_key, name="community_by_key"),
    path("communities/<slug:slug>", views.show_community, name="community"),
    path("communities/<slug:slug>/news", views.community_news, name="community_news"),
    path("communities/<slug:slug>/edit", views.edit, name="community_edit"),
    path("communities/<slug:slug>/visibility", views.change_visibility, name="community_visibility"),
    path("communities/<slug:slug>/membership", views.join_community, name="community_membership"),
    path("communities/<slug:slug>/departure", views.leave_community, name="community_departure"),
    path("communities/<slug:slug>/members", views.list_members, name="community_members"),
    path("communities/<slug:slug>/members/<str:key>", views.change_member, name="community_member"),
]
