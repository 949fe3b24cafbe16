// The tables of facts on PostgreSQL: a migration of postgres_schema.cc.
#pragma once

namespace costagent::postgres {

// What a file says stands as its bytes (bytea), which nobody has promised to be UTF-8; to read it in psql:
// convert_from(text, 'UTF8'). Text that repeats (services, regions, resources …) stands once in `dictionary`, and by
// its number elsewhere. Amounts are exact; a cost that is the same as the billed one is NULL. Days count from
// 1970-01-01, and months are the number of their first day.
//
// Charges and the daily rollups are partitioned by month, so that months that are asked for, or replaced, are looked
// for in their own small indexes. A month's partition is made when something of it is taken in (`add_month`): attached
// to its parent rather than made as its partition, which would wait for all who read it; a DEFAULT partition, which
// would have to be searched through each time, there is none.
//
// States of deliveries: 0 is being loaded, 1 counts, 2 was left and is being cleared away. Of parts: 0 is being loaded,
// 1 counts, 2 was replaced, 3 was replaced and its rows are gone. Of files: 0, 1 and 2 as parts.
inline constexpr const char* kFactTables = R"sql(
CREATE TABLE costagent.dictionary (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text bytea NOT NULL);
-- An index bears 2,700 bytes, and a text may have 128 KiB.
CREATE UNIQUE INDEX dictionary_text ON costagent.dictionary
  ((CASE WHEN length(text) <= 1024 THEN text ELSE substr(text, 1, 1024) || sha256(text) END));

CREATE TABLE costagent.delivery (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer bigint NOT NULL, state smallint NOT NULL,
  touched bigint NOT NULL) WITH (fillfactor = 50);
CREATE INDEX delivery_unfinished ON costagent.delivery (state) WHERE state IN (0, 2);

CREATE TABLE costagent.file (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer bigint NOT NULL,
  delivery bigint NOT NULL REFERENCES costagent.delivery, state smallint NOT NULL, name bytea NOT NULL,
  format bytea NOT NULL, header bytea NOT NULL, beginning text COLLATE "C" NOT NULL, digest text COLLATE "C" NOT NULL,
  rows bigint NOT NULL, rejected bigint NOT NULL, billed numeric NOT NULL, effective numeric NOT NULL);
CREATE UNIQUE INDEX file_digest ON costagent.file (customer, digest) WHERE state = 1;
CREATE INDEX file_beginning ON costagent.file (customer, beginning) WHERE state = 1;
CREATE INDEX file_delivery ON costagent.file (delivery);

CREATE TABLE costagent.part (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, delivery bigint NOT NULL REFERENCES costagent.delivery,
  customer bigint NOT NULL, kind smallint NOT NULL, provider bigint NOT NULL, billing_account bigint NOT NULL,
  billing_period integer NOT NULL, state smallint NOT NULL, first_day integer NOT NULL, last_day integer NOT NULL,
  rows bigint NOT NULL, replaced_by bigint);
CREATE INDEX part_partition ON costagent.part (customer, kind, provider, billing_account, billing_period, state);
CREATE INDEX part_delivery ON costagent.part (delivery);
CREATE INDEX part_hidden ON costagent.part (customer, id) WHERE state IN (0, 2);
CREATE INDEX part_replaced ON costagent.part (state) WHERE state = 2;
CREATE INDEX part_extent ON costagent.part (customer, kind, first_day, last_day) WHERE state = 1;

CREATE TABLE costagent.file_part (
  part bigint NOT NULL REFERENCES costagent.part, file bigint NOT NULL REFERENCES costagent.file,
  PRIMARY KEY (part, file));
CREATE INDEX file_part_file ON costagent.file_part (file);
CREATE TABLE costagent.part_cost (
  part bigint NOT NULL REFERENCES costagent.part, currency bigint NOT NULL, billed numeric NOT NULL,
  effective numeric, list numeric, contracted numeric, PRIMARY KEY (part, currency));
CREATE TABLE costagent.facts_version (customer bigint PRIMARY KEY, version bigint NOT NULL);

CREATE TABLE costagent.slice (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, provider bigint NOT NULL, billing_account bigint NOT NULL,
  account bigint NOT NULL, category bigint NOT NULL, class bigint NOT NULL, service bigint NOT NULL,
  region bigint NOT NULL, resource bigint NOT NULL, sku bigint NOT NULL, usage_type bigint NOT NULL,
  pricing_category bigint NOT NULL, commitment bigint NOT NULL, commitment_status bigint NOT NULL,
  unit bigint NOT NULL, tags bigint NOT NULL, currency bigint NOT NULL,
  UNIQUE (resource, usage_type, sku, tags, account, service, region, provider, billing_account, category, class,
          pricing_category, commitment, commitment_status, unit, currency));
CREATE TABLE costagent.resource (
  customer bigint NOT NULL, id bigint NOT NULL, name bigint NOT NULL, type bigint NOT NULL,
  PRIMARY KEY (customer, id));

-- The id is the part's times 2^32 plus the line's number within it: a part lies together, and goes together.
CREATE TABLE costagent.charge (
  id bigint NOT NULL, slice bigint NOT NULL, start bigint NOT NULL, seconds bigint NOT NULL, month integer NOT NULL,
  quantity numeric NOT NULL, billed numeric NOT NULL, effective numeric, list numeric, contracted numeric)
  PARTITION BY RANGE (month);
CREATE INDEX charge_id ON costagent.charge (id);
CREATE TABLE costagent.raw_block (
  part bigint NOT NULL, number bigint NOT NULL, file bigint NOT NULL, lines bigint NOT NULL, size bigint NOT NULL,
  packed bytea NOT NULL, PRIMARY KEY (part, number));
-- They are packed already.
ALTER TABLE costagent.raw_block ALTER COLUMN packed SET STORAGE EXTERNAL;

CREATE TABLE costagent.monthly_service (
  customer bigint NOT NULL, provider bigint NOT NULL, service bigint NOT NULL, category bigint NOT NULL,
  currency bigint NOT NULL, part bigint NOT NULL, time integer NOT NULL, flush integer NOT NULL,
  billed numeric NOT NULL, effective numeric, list numeric, contracted numeric);
CREATE TABLE costagent.monthly_account (
  customer bigint NOT NULL, provider bigint NOT NULL, service bigint NOT NULL, category bigint NOT NULL,
  currency bigint NOT NULL, account bigint NOT NULL, region bigint NOT NULL, part bigint NOT NULL,
  time integer NOT NULL, flush integer NOT NULL,
  billed numeric NOT NULL, effective numeric, list numeric, contracted numeric);
CREATE TABLE costagent.monthly_slice (
  customer bigint NOT NULL, slice bigint NOT NULL, part bigint NOT NULL, time integer NOT NULL, flush integer NOT NULL,
  billed numeric NOT NULL, effective numeric, list numeric, contracted numeric);
CREATE TABLE costagent.daily_service (LIKE costagent.monthly_service) PARTITION BY RANGE (time);
CREATE TABLE costagent.daily_account (LIKE costagent.monthly_account) PARTITION BY RANGE (time);
CREATE TABLE costagent.daily_slice (LIKE costagent.monthly_slice) PARTITION BY RANGE (time);
-- Rows of one customer and time are of many keys: these are read together, and an index that repeats few values is
-- small.
CREATE INDEX monthly_service_time ON costagent.monthly_service (customer, time);
CREATE INDEX monthly_account_time ON costagent.monthly_account (customer, time);
CREATE INDEX monthly_slice_time ON costagent.monthly_slice (customer, time);
CREATE INDEX daily_service_time ON costagent.daily_service (customer, time);
CREATE INDEX daily_account_time ON costagent.daily_account (customer, time);
CREATE INDEX daily_slice_time ON costagent.daily_slice (customer, time);

CREATE TABLE costagent.daily_utilisation (
  customer bigint NOT NULL, resource bigint NOT NULL, part bigint NOT NULL, day integer NOT NULL,
  flush integer NOT NULL, hours bigint NOT NULL, cpu_sum double precision NOT NULL, cpu_max double precision NOT NULL,
  memory_sum double precision NOT NULL, memory_max double precision NOT NULL, network_sum double precision NOT NULL,
  disk_sum double precision NOT NULL);
CREATE INDEX daily_utilisation_resource ON costagent.daily_utilisation (customer, resource, day);
CREATE INDEX daily_utilisation_part ON costagent.daily_utilisation (part);
CREATE TABLE costagent.commitment (
  part bigint NOT NULL, number bigint NOT NULL, provider bytea NOT NULL, contract bytea NOT NULL, id bytea NOT NULL,
  category bytea NOT NULL, type bytea NOT NULL, description bytea NOT NULL, unit bytea NOT NULL,
  quantity numeric NOT NULL, currency bytea NOT NULL, cost numeric NOT NULL, contract_start bigint NOT NULL,
  contract_end bigint NOT NULL, start bigint NOT NULL, finish bigint NOT NULL, PRIMARY KEY (part, number));

-- Makes the partition of a month where it is missing; of several who want it, one does.
CREATE FUNCTION costagent.add_month(parent text, month integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  first_day date := date '1970-01-01' + month;
  next_month integer := (first_day + interval '1 month')::date - date '1970-01-01';
  child text := parent || to_char(first_day, '_YYYY_MM');
BEGIN
  IF to_regclass('costagent.' || child) IS NOT NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(x'636f7374'::integer, 0);
  -- Before this lock is had what others have made is not seen: an advisory lock has nobody look again.
  EXECUTE format('LOCK TABLE costagent.%I IN SHARE UPDATE EXCLUSIVE MODE', parent);
  IF to_regclass('costagent.' || child) IS NOT NULL THEN RETURN; END IF;
  EXECUTE format('CREATE TABLE costagent.%I (LIKE costagent.%I INCLUDING DEFAULTS INCLUDING INDEXES)', child, parent);
  EXECUTE format('ALTER TABLE costagent.%I ATTACH PARTITION costagent.%I FOR VALUES FROM (%s) TO (%s)',
                 parent, child, month, next_month);
END $$;

-- Says that a delivery is being worked on. Until the transaction ends nobody can begin to clear it away; one that is
-- being cleared away takes nothing more.
CREATE FUNCTION costagent.touch(delivery bigint, now bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE costagent.delivery SET touched = now WHERE id = touch.delivery AND state = 0;
  IF NOT FOUND THEN RAISE integrity_constraint_violation USING MESSAGE = 'the delivery was cleared away'; END IF;
END $$;
)sql";

}  // namespace costagent::postgres
