"""Runs ministack, and writes its state soon after every change.

By itself ministack writes its state only when it is stopped, so a kill or a crash would lose all that was made since
its start, while Pulumi's state still has it. Here at most the last second is lost. Uses two internals of the pinned
version: the map of what it saves, and the function that saves it (each file is replaced at once).
"""

import asyncio

from ministack import app as emulator
from ministack.core.persistence import save_all

SAVE_SECONDS = 1
READING_METHODS = {"GET", "HEAD", "OPTIONS"}

serve = emulator.app
changed = asyncio.Event()
tasks = set()  # the event loop itself keeps no reference to its tasks


async def save_after_changes():
    while True:
        await changed.wait()
        await asyncio.sleep(SAVE_SECONDS)
        changed.clear()
        save_all(emulator._build_persistence_save_dict())


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        tasks.add(asyncio.create_task(save_after_changes()))
    await serve(scope, receive, send)
    # Most AWS interfaces read by POST as well: that saves once too often, never too seldom.
    if scope["type"] == "http" and scope["method"] not in READING_METHODS:
        changed.set()


emulator.app = app
emulator.main()
