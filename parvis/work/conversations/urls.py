from django.urls import path

from parvis.work.conversations.views import changing, drafts, showing, writing

urlpatterns = [
    path("write", writing.write_post, name="write"),
    path("write/people", writing.people_part, name="write_people"),
    path("drafts/", drafts.list_drafts, name="drafts"),
    path("drafts/<str:key>", drafts.edit_draft, name="draft"),
    path("t/<str:key>", showing.show_thread, name="thread"),
    path("t/<str:key>/answers", writing.thread_answers, name="thread_answers"),
    path("t/<str:key>/audience", changing.widen_thread, name="thread_audience"),
    path("i/<str:key>/edit", changing.edit, name="item_edit"),
    path("i/<str:key>/deletion", changing.delete, name="item_deletion"),
    path("i/<str:key>/removal", changing.remove, name="item_removal"),
    path("i/<str:key>/restoration", changing.restore, name="item_restoration"),
    path("i/<str:key>/revisions", showing.show_revisions, name="item_revisions"),
    path("i/<str:key>/share", changing.share_item, name="item_share"),
]
