// What benchmarks fill a database with.

/**
 * Documents, sentences of random words, numbers, times and tokens: gzip makes a third of it, as of most databases. A sentence that
 * is merely repeated would be compressed in no time by everybody.
 */
export const fillOf = (rows: number): string[] => [
  "select setseed(0.5)",
  `create temporary table sentences as with words as (select array_agg(substr(translate(encode(sha256(i::text::bytea), 'hex'),
     '0123456789', 'ghijklmnop'), 1, 3 + i % 7)) as list from generate_series(0, 2999) i)
     select i, (select string_agg(list[1 + floor(random() * 3000)::int + w * 0], ' ') from generate_series(1, 14 + i * 0) w) as text
     from generate_series(0, 19999) i, words`,
  "create unique index on sentences (i)",
  "create table events (id bigint primary key, at timestamptz not null, kind text not null, body jsonb not null, note text)",
  `insert into events select n, timestamptz '2026-01-01' + n * interval '1 second', (array['created','changed','deleted','viewed'])[1 + n % 4],
     jsonb_build_object('user', n % 9973, 'path', '/orders/' || n % 50021, 'hash', md5(n::text), 'ok', n % 7 <> 0, 'amount', round((random() * 1000)::numeric, 2)),
     a.text || ', ' || b.text || ', ' || substr(c.text, 1, 10 + n % 60) from generate_series(1, ${rows}) n
     join sentences a on a.i = n * 7919::bigint % 20000 join sentences b on b.i = n * 104729::bigint % 20000 join sentences c on c.i = n * 31::bigint % 20000`,
  "create index events_kind_at on events (kind, at)",
  "create table people (id bigint primary key, name text not null, token bytea not null)",
  "insert into people select i, 'person ' || i, decode(md5(i::text) || md5((i + 1)::text), 'hex') from generate_series(1, 300000) i",
];
