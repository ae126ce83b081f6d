"""The pages of conversations: showing · writing · drafts · changing."""
