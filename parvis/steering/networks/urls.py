"""Addresses of administration, under a network's slug."""

from django.urls import path

from parvis.steering.networks.views import desk, invitations, network, people, reviews

urlpatterns = [
    path("admin/", network.show_network, name="admin"),
    path("admin/domains/", network.domains, name="admin_domains"),
    path("admin/health/", network.readers, name="admin_readers"),
    path("admin/health/<str:reader>/replays/", network.replays, name="admin_replays"),
    path("admin/people/", people.show_people, name="admin_people"),
    path("admin/people/<str:key>/", people.show_person, name="admin_person"),
    path("admin/people/<str:key>/charges/", people.charges, name="admin_charges"),
    path("admin/people/<str:key>/departure/", people.departure, name="admin_departure"),
    path("admin/people/<str:key>/merging/", people.merging, name="admin_merging"),
    path("admin/reviews/", reviews.show_reviews, name="admin_reviews"),
    path("invitations/", invitations.show_invitations, name="invitations"),
    path("invitations/<str:key>/", invitations.change_invitation, name="invitation_change"),
    path("desk/", desk.show_desk, name="desk"),
    path("desk/letters/", desk.letters, name="desk_letters"),
]
