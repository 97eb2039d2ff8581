"""The queue port: how the jobs of a run are carried out.

`inline` runs them in threads of this process. A job is a plain callable; nothing here knows what it does.
"""
