"""The design system and the shell: tokens, components, template tags. No model, nothing of any other app."""
