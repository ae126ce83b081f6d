"""Addresses of the doors."""

from django.urls import path

from parvis.core.people.doorways import codes, invitations, keys, links

urlpatterns = [
    path("accounts/2fa/webauthn/add/", keys.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("accounts/link/", links.ask_for_link, name="sign_in_link"),
    path("accounts/link/<str:token>/", links.use_link, name="sign_in_link_use"),
    path("accounts/invitation/<str:secret>/", invitations.show_invitation, name="invitation"),
    path("<slug:network>/sign-in/", codes.code_sign_in, name="code_sign_in"),
    path("<slug:network>/sign-in/own-code/", codes.own_code, name="own_code"),
]
