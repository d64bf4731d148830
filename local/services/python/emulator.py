"""Runs ministack, and writes its state soon after every change.

By itself ministack writes its state only when it is stopped, so a kill or a crash would lose all that was made since
its start, while Pulumi's state still has it. Here at most the last second is lost, of metrics and log lines, which
programs send all the time and of which the state grows, the last ten. Uses internals of the pinned version: the map of
what it saves, the function that saves it (each file is replaced at once), that this one writes with `json.dump`, and
how the end of an upload hashes its parts.
"""

import asyncio
import hashlib
import json
from types import SimpleNamespace

from ministack import app as emulator
from ministack.core import persistence
from ministack.services import s3

SAVE_SECONDS = 1
SAVE_TELEMETRY_SECONDS = 10
READING_METHODS = {"GET", "HEAD", "OPTIONS"}
TELEMETRY = (b"PutMetricData", b"PutLogEvents")
BLOCK_BYTES = 1024 * 1024

serve = emulator.app
changed = asyncio.Event()
told = asyncio.Event()
tasks = set()  # the event loop itself keeps no reference to its tasks


def write_json(value, file, **options):
    """As `json.dump`, which encodes in Python what `json.dumps` encodes in C, in a tenth of the time."""
    file.write(json.dumps(value, **options))


persistence.json = SimpleNamespace(**{**vars(json), "dump": write_json})


part_hashes = {}  # by the identity of the part's body, while the upload that it belongs to is completed
complete_upload = s3._complete_multipart_upload


def complete_from_etags(bucket, key, body, query_params, headers=None):
    """The end of an upload wants the MD5 of every part, which is its ETag already: S3 does not read an object again
    either, and of 200 MB that is half a second in which the one who uploads waits."""
    upload = s3._multipart_uploads.get(s3._qp(query_params, "uploadId"), {"parts": {}})
    for part in upload["parts"].values():
        part_hashes[id(part["body"])] = bytes.fromhex(part["etag"].strip('"'))
    try:
        return complete_upload(bucket, key, body, query_params, headers)
    finally:
        part_hashes.clear()


def md5(data=b"", **options):
    known = part_hashes.get(id(data))
    return SimpleNamespace(digest=lambda: known) if known else hashlib.md5(data, **options)


s3._complete_multipart_upload = complete_from_etags
s3.hashlib = SimpleNamespace(**{**vars(hashlib), "md5": md5})


async def save_after(event, seconds):
    while True:
        await event.wait()
        await asyncio.sleep(seconds)
        if not event.is_set():  # the other one has saved it meanwhile
            continue
        changed.clear()
        told.clear()
        persistence.save_all(emulator._build_persistence_save_dict())


def is_telemetry(scope):
    target = next((value for name, value in scope["headers"] if name == b"x-amz-target"), b"")
    called = target + scope["path"].encode()
    return any(name in called for name in TELEMETRY)


def in_blocks(send):
    """An object goes out in blocks, each when the one before was taken: as one piece it would be copied whole once more,
    which costs more than to send it."""

    async def send_blocks(message):
        body = message.get("body", b"")
        while len(body) > BLOCK_BYTES:
            block, body = bytes(body[:BLOCK_BYTES]), memoryview(body)[BLOCK_BYTES:]
            await send({**message, "body": block, "more_body": True})
        await send({**message, "body": bytes(body)} if "body" in message else message)

    return send_blocks


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        tasks.add(asyncio.create_task(save_after(changed, SAVE_SECONDS)))
        tasks.add(asyncio.create_task(save_after(told, SAVE_TELEMETRY_SECONDS)))
    await serve(scope, receive, in_blocks(send))
    # Most AWS interfaces read by POST as well: that saves once too often, never too seldom.
    if scope["type"] == "http" and scope["method"] not in READING_METHODS:
        (told if is_telemetry(scope) else changed).set()


emulator.app = app
emulator.main()
