"""Skills: what they are, their files and archives of them, for programs that install skills.

A request goes through `service` (what it asks for, and who may have it); `payloads` holds what is
said of skills, `files` reads single files, `archive` packs all of them. Section 8.
"""
