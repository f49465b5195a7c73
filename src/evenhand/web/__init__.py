"""The service people see: pages without JavaScript, plain forms, redirect after post.

app.py        puts it together: `make_app`
routes.py     who may use which route; routes.txt is the committed list, and what is not in it is refused
security.py   headers, origin, sizes and limits: every request passes through
sessions.py   sessions kept on the server
pages.py      templates, catalogues and languages
forms.py      what a form sent
respondent/   the journey of a person who takes part
"""
