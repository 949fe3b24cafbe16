// Every statement about facts that the store asks of PostgreSQL, named after what it answers or does; the tables are in
// postgres_fact_tables.h. Those on the six rollups are in
// postgres_rollup_sql.h, and what adds rows in postgres_tables.h.
#pragma once

#include <array>

#include "io/postgresql.h"

namespace costagent::postgres {

// Before a COPY, in its transaction: a delivery's number and the time. What is loaded counts only once it is
// published, which is written to the disk along with all before it: until then nobody waits for the disk.
inline constexpr const char* kBeforeCopy =
    "SELECT set_config('synchronous_commit', 'off', true), costagent.touch({}, {}); {}";

// The dictionary. Whatever looks a text up does so by the index's expression.
inline constexpr io::PostgresStatement kIdOfText{"id_of_text", R"sql(
SELECT id FROM costagent.dictionary
WHERE CASE WHEN length(text) <= 1024 THEN text ELSE substr(text, 1, 1024) || sha256(text) END =
      CASE WHEN length($1::bytea) <= 1024 THEN $1::bytea ELSE substr($1::bytea, 1, 1024) || sha256($1::bytea) END)sql"};

// A row for each text, in their order; null where it is new.
inline constexpr io::PostgresStatement kIdsOfTexts{"ids_of_texts", R"sql(
SELECT (SELECT d.id FROM costagent.dictionary AS d
        WHERE CASE WHEN length(d.text) <= 1024 THEN d.text ELSE substr(d.text, 1, 1024) || sha256(d.text) END =
              CASE WHEN length(t.text) <= 1024 THEN t.text ELSE substr(t.text, 1, 1024) || sha256(t.text) END)
FROM unnest($1::bytea[]) WITH ORDINALITY AS t (text, n) ORDER BY t.n)sql"};

// Texts come in the order of their bytes: two who add the same ones wait for each other, and never in a circle.
inline constexpr io::PostgresStatement kAddTexts{"add_texts", R"sql(
INSERT INTO costagent.dictionary (text) SELECT text FROM unnest($1::bytea[]) WITH ORDINALITY AS t (text, n) ORDER BY n
ON CONFLICT DO NOTHING)sql"};

inline constexpr io::PostgresStatement kTextOfId{"text_of_id", "SELECT text FROM costagent.dictionary WHERE id = $1"};
inline constexpr io::PostgresStatement kTextsOfIds{"texts_of_ids", R"sql(
SELECT d.id, d.text FROM unnest($1::bigint[]) AS wanted (id)
CROSS JOIN LATERAL (SELECT id, text FROM costagent.dictionary WHERE id = wanted.id LIMIT 1) AS d)sql"};

// Slices, whose columns are one list each, in the order of SliceColumn. A row for each, in their order; null where it
// is new.
inline constexpr io::PostgresStatement kIdsOfSlices{"ids_of_slices", R"sql(
SELECT (SELECT s.id FROM costagent.slice AS s
        WHERE s.provider = t.provider AND s.billing_account = t.billing_account AND s.account = t.account
          AND s.category = t.category AND s.class = t.class AND s.service = t.service AND s.region = t.region
          AND s.resource = t.resource AND s.sku = t.sku AND s.usage_type = t.usage_type
          AND s.pricing_category = t.pricing_category AND s.commitment = t.commitment
          AND s.commitment_status = t.commitment_status AND s.unit = t.unit AND s.tags = t.tags
          AND s.currency = t.currency)
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
            $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[],
            $15::bigint[], $16::bigint[]) WITH ORDINALITY
  AS t (provider, billing_account, account, category, class, service, region, resource, sku, usage_type,
        pricing_category, commitment, commitment_status, unit, tags, currency, n)
ORDER BY t.n)sql"};

// In the order of their columns, for the same reason as texts.
inline constexpr io::PostgresStatement kAddSlices{"add_slices", R"sql(
INSERT INTO costagent.slice (provider, billing_account, account, category, class, service, region, resource, sku,
                             usage_type, pricing_category, commitment, commitment_status, unit, tags, currency)
SELECT provider, billing_account, account, category, class, service, region, resource, sku, usage_type,
       pricing_category, commitment, commitment_status, unit, tags, currency
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
            $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[],
            $15::bigint[], $16::bigint[]) WITH ORDINALITY
  AS t (provider, billing_account, account, category, class, service, region, resource, sku, usage_type,
        pricing_category, commitment, commitment_status, unit, tags, currency, n)
ORDER BY n
ON CONFLICT DO NOTHING)sql"};

inline constexpr io::PostgresStatement kSlicesOfIds{"slices_of_ids", R"sql(
SELECT s.* FROM unnest($1::bigint[]) AS wanted (id)
CROSS JOIN LATERAL (
  SELECT id, provider, billing_account, account, category, class, service, region, resource, sku, usage_type,
         pricing_category, commitment, commitment_status, unit, tags, currency
  FROM costagent.slice WHERE id = wanted.id LIMIT 1) AS s)sql"};

// Resources come by their numbers, for the same reason as texts.
inline constexpr io::PostgresStatement kNameResources{"name_resources", R"sql(
INSERT INTO costagent.resource (customer, id, name, type)
SELECT $1::bigint, id, name, type
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) WITH ORDINALITY AS t (id, name, type, n) ORDER BY n
ON CONFLICT (customer, id) DO UPDATE SET name = excluded.name, type = excluded.type
WHERE resource.name <> excluded.name OR resource.type <> excluded.type)sql"};

inline constexpr io::PostgresStatement kResourceNames{"resource_names", R"sql(
SELECT r.id, r.name, r.type FROM unnest($2::bigint[]) AS wanted (id)
CROSS JOIN LATERAL (
  SELECT id, name, type FROM costagent.resource WHERE customer = $1 AND id = wanted.id LIMIT 1) AS r)sql"};

// Deliveries, their files and parts.
// Of the tables that have one for each month, those that are missing.
inline constexpr io::PostgresStatement kAddMonth{"add_month", R"sql(
SELECT costagent.add_month(parent, $1::integer)
FROM unnest(ARRAY['charge', 'daily_service', 'daily_account', 'daily_slice']) AS t (parent)
WHERE to_regclass('costagent.' || parent || to_char(date '1970-01-01' + $1::integer, '_YYYY_MM')) IS NULL)sql"};
// A number for it is followed by those that its first file and its first part will have.
inline constexpr io::PostgresStatement kAddDelivery{"add_delivery", R"sql(
INSERT INTO costagent.delivery (customer, state, touched) VALUES ($1, 0, $2)
RETURNING id, nextval('costagent.file_id_seq'), nextval('costagent.part_id_seq'))sql"};
inline constexpr io::PostgresStatement kTouchDelivery{"touch_delivery",
                                                      "SELECT costagent.touch($1::bigint, $2::bigint)"};
// Its writer is gone: it need not wait for an hour.
inline constexpr io::PostgresStatement kLeaveDelivery{"leave_delivery", R"sql(
UPDATE costagent.delivery SET touched = 0 WHERE id = $1 AND state = 0)sql"};

inline constexpr io::PostgresStatement kNextFile{"next_file", "SELECT nextval('costagent.file_id_seq')"};
inline constexpr io::PostgresStatement kAddFile{"add_file", R"sql(
INSERT INTO costagent.file (id, customer, delivery, state, name, format, header, beginning, digest, rows, rejected, billed,
                            effective)
OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, 0, $4, $5, $6, $7, '', 0, 0, 0, 0))sql"};
inline constexpr io::PostgresStatement kEndFile{"end_file", R"sql(
UPDATE costagent.file SET digest = $2, rows = $3, rejected = $4, billed = $5, effective = $6 WHERE id = $1)sql"};
// The customer by name, looked up as any text.
inline constexpr io::PostgresStatement kHasBeginning{"has_beginning", R"sql(
SELECT EXISTS (
  SELECT FROM costagent.file
  WHERE beginning = $2 AND state = 1
    AND customer = (SELECT id FROM costagent.dictionary
                    WHERE CASE WHEN length(text) <= 1024 THEN text ELSE substr(text, 1, 1024) || sha256(text) END =
                          CASE WHEN length($1::bytea) <= 1024 THEN $1::bytea
                               ELSE substr($1::bytea, 1, 1024) || sha256($1::bytea) END)))sql"};
inline constexpr io::PostgresStatement kKnownFile{"known_file", R"sql(
SELECT rows, rejected, billed, effective FROM costagent.file WHERE customer = $1 AND digest = $2 AND state = 1)sql"};

inline constexpr io::PostgresStatement kNextPart{"next_part", "SELECT nextval('costagent.part_id_seq')"};
inline constexpr io::PostgresStatement kAddPart{"add_part", R"sql(
INSERT INTO costagent.part (id, delivery, customer, kind, provider, billing_account, billing_period, state, first_day,
                            last_day, rows)
OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, -1, 0))sql"};
inline constexpr io::PostgresStatement kLinkFile{"link_file", R"sql(
INSERT INTO costagent.file_part (part, file) VALUES ($1, $2) ON CONFLICT DO NOTHING)sql"};
inline constexpr io::PostgresStatement kSetExtent{"set_extent", R"sql(
UPDATE costagent.part SET first_day = $2, last_day = $3, rows = $4 WHERE id = $1)sql"};
inline constexpr io::PostgresStatement kSetPartCosts{"set_part_costs", R"sql(
INSERT INTO costagent.part_cost (part, currency, billed, effective, list, contracted) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (part, currency) DO UPDATE SET
  billed = excluded.billed, effective = excluded.effective, list = excluded.list, contracted = excluded.contracted)sql"};

// Publishing. One at a time of a customer's, until the transaction ends.
inline constexpr io::PostgresStatement kLockPublishing{"lock_publishing", R"sql(
SELECT pg_advisory_xact_lock(x'636f7375'::integer, hashint8($1::bigint)))sql"};
inline constexpr io::PostgresStatement kStateOfDelivery{"state_of_delivery", R"sql(
SELECT state FROM costagent.delivery WHERE id = $1 FOR UPDATE)sql"};
inline constexpr io::PostgresStatement kTakenByOthers{"taken_by_others", R"sql(
SELECT mine.id, mine.name, mine.digest FROM costagent.file AS mine
CROSS JOIN LATERAL (SELECT 1 FROM costagent.file AS other
                    WHERE other.customer = mine.customer AND other.digest = mine.digest AND other.state = 1
                    LIMIT 1) AS taken
WHERE mine.delivery = $1 ORDER BY mine.id)sql"};
inline constexpr io::PostgresStatement kOverlapping{"overlapping", R"sql(
SELECT old.id, mine.id, old.provider, old.billing_account, old.billing_period, old.rows,
       old.first_day, old.last_day, mine.first_day, mine.last_day,
       (SELECT text FROM costagent.dictionary WHERE id = old.provider),
       (SELECT text FROM costagent.dictionary WHERE id = old.billing_account)
FROM costagent.part AS mine JOIN costagent.part AS old
  ON old.customer = mine.customer AND old.kind = mine.kind AND old.provider = mine.provider
     AND old.billing_account = mine.billing_account AND old.billing_period = mine.billing_period
WHERE mine.delivery = $1 AND mine.kind = 0 AND old.state = 1
  AND old.first_day <= mine.last_day AND old.last_day >= mine.first_day
ORDER BY mine.id, old.id)sql"};
// Of the same parts.
inline constexpr io::PostgresStatement kFilesOfOverlapping{"files_of_overlapping", R"sql(
SELECT old.id, file.id, file.name, file.digest
FROM costagent.part AS mine JOIN costagent.part AS old
  ON old.customer = mine.customer AND old.kind = mine.kind AND old.provider = mine.provider
     AND old.billing_account = mine.billing_account AND old.billing_period = mine.billing_period
JOIN costagent.file_part ON file_part.part = old.id JOIN costagent.file ON file.id = file_part.file
WHERE mine.delivery = $1 AND mine.kind = 0 AND old.state = 1
  AND old.first_day <= mine.last_day AND old.last_day >= mine.first_day
GROUP BY old.id, file.id
ORDER BY old.id, file.id)sql"};
inline constexpr io::PostgresStatement kReplacePart{"replace_part", R"sql(
UPDATE costagent.part SET state = 2, replaced_by = $2 WHERE id = $1)sql"};
inline constexpr io::PostgresStatement kReplaceFile{"replace_file", R"sql(
UPDATE costagent.file SET state = 2 WHERE id = $1 AND state = 1)sql"};
// A file that was never ended stays unpublished, and without rows.
inline constexpr io::PostgresStatement kPublishFiles{"publish_files", R"sql(
UPDATE costagent.file SET state = 1 WHERE delivery = $1 AND digest <> '')sql"};
inline constexpr io::PostgresStatement kPublishParts{"publish_parts", R"sql(
UPDATE costagent.part SET state = 1 WHERE delivery = $1)sql"};
inline constexpr io::PostgresStatement kPublishDelivery{"publish_delivery", R"sql(
UPDATE costagent.delivery SET state = 1, touched = $2 WHERE id = $1)sql"};
inline constexpr io::PostgresStatement kNextVersion{"next_version", R"sql(
INSERT INTO costagent.facts_version (customer, version) VALUES ($1, 1)
ON CONFLICT (customer) DO UPDATE SET version = facts_version.version + 1)sql"};

// What readers ask.
inline constexpr io::PostgresStatement kFactsVersion{"facts_version", R"sql(
SELECT version FROM costagent.facts_version WHERE customer = $1)sql"};
// Parts whose rows are there and don't count.
inline constexpr io::PostgresStatement kHiddenParts{"hidden_parts", R"sql(
SELECT id FROM costagent.part WHERE customer = $1 AND state IN (0, 2) ORDER BY id)sql"};
inline constexpr io::PostgresStatement kBillParts{"bill_parts", R"sql(
SELECT part.id, part.provider, part.billing_account, part.billing_period, part.first_day, part.last_day, part.rows,
       cost.currency, cost.billed, cost.effective, cost.list, cost.contracted
FROM costagent.part
CROSS JOIN LATERAL (
  SELECT currency, billed, effective, list, contracted FROM costagent.part_cost WHERE part = part.id OFFSET 0) AS cost
WHERE part.customer = $1 AND part.state = 1 AND part.kind = 0
ORDER BY part.billing_period DESC, part.provider, part.billing_account, cost.currency, part.id)sql"};
inline constexpr io::PostgresStatement kExtent{"extent", R"sql(
SELECT min(first_day), max(last_day) FROM costagent.part
WHERE customer = $1 AND state = 1 AND kind = 0 AND last_day >= first_day)sql"};
inline constexpr io::PostgresStatement kUtilisation{"utilisation", R"sql(
SELECT wanted.id, u.hours, u.cpu_sum, u.cpu_max, u.memory_sum, u.memory_max, u.network_sum, u.disk_sum
FROM unnest($2::bigint[]) AS wanted (id)
CROSS JOIN LATERAL (
  SELECT sum(hours)::bigint AS hours, sum(cpu_sum) AS cpu_sum, max(cpu_max) AS cpu_max, sum(memory_sum) AS memory_sum,
         max(memory_max) AS memory_max, sum(network_sum) AS network_sum, sum(disk_sum) AS disk_sum
  FROM costagent.daily_utilisation
  WHERE customer = $1 AND resource = wanted.id AND day >= $3::integer AND day < $4::integer
    AND part <> ALL ($5::bigint[])) AS u
WHERE u.hours IS NOT NULL)sql"};
// Of every commitment what the newest file says.
inline constexpr io::PostgresStatement kCommitments{"commitments", R"sql(
SELECT DISTINCT ON (c.id, c.contract, c.start)
       c.provider, c.contract, c.id, c.category, c.type, c.description, c.unit, c.currency, c.quantity, c.cost,
       c.contract_start, c.contract_end, c.start, c.finish
FROM costagent.part JOIN costagent.commitment AS c ON c.part = part.id
WHERE part.customer = $1 AND part.state = 1 AND part.kind = 2 AND c.start < $3::bigint AND c.finish > $2::bigint
ORDER BY c.id, c.contract, c.start, part.id DESC
LIMIT $4::bigint)sql"};

// Clearing away. One at a time, until the transaction ends: false when somebody else is at it.
inline constexpr io::PostgresStatement kLockClearing{"lock_clearing", R"sql(
SELECT pg_try_advisory_xact_lock(x'636f7374'::integer, 1))sql"};
// One, and whether there is another.
inline constexpr io::PostgresStatement kReplacedPart{"replaced_part", R"sql(
SELECT id, customer, kind, billing_period, first_day, last_day, rows FROM costagent.part WHERE state = 2 LIMIT 2)sql"};
// One that somebody works on at this moment is passed over.
inline constexpr io::PostgresStatement kGiveUpDelivery{"give_up_delivery", R"sql(
UPDATE costagent.delivery SET state = 2
WHERE id = (SELECT id FROM costagent.delivery WHERE state = 0 AND touched < $1 LIMIT 1 FOR UPDATE SKIP LOCKED))sql"};
inline constexpr io::PostgresStatement kGivenUpDelivery{"given_up_delivery", R"sql(
SELECT id FROM costagent.delivery WHERE state = 2 LIMIT 1)sql"};
inline constexpr io::PostgresStatement kPartOfDelivery{"part_of_delivery", R"sql(
SELECT id, customer, kind, billing_period, first_day, last_day, rows FROM costagent.part WHERE delivery = $1 LIMIT 1)sql"};
// Of the ids from $2 to $3, which is not included, the first $4: they have no gaps.
inline constexpr io::PostgresStatement kClearCharges{"clear_charges", R"sql(
DELETE FROM costagent.charge
WHERE month = $1 AND id >= $2
  AND id < least($3, $4 + (SELECT min(id) FROM costagent.charge WHERE month = $1 AND id >= $2 AND id < $3)))sql"};
inline constexpr io::PostgresStatement kClearRawBlocks{"clear_raw_blocks", R"sql(
DELETE FROM costagent.raw_block
WHERE part = $1 AND number = ANY (ARRAY(SELECT number FROM costagent.raw_block WHERE part = $1 LIMIT $2)))sql"};
inline constexpr io::PostgresStatement kClearUtilisation{"clear_utilisation", R"sql(
DELETE FROM costagent.daily_utilisation WHERE part = $1)sql"};
inline constexpr io::PostgresStatement kClearCommitments{"clear_commitments", R"sql(
DELETE FROM costagent.commitment WHERE part = $1)sql"};
inline constexpr io::PostgresStatement kSetFirstDay{"set_first_day", R"sql(
UPDATE costagent.part SET first_day = $2 WHERE id = $1)sql"};
inline constexpr io::PostgresStatement kPartIsCleared{"part_is_cleared", R"sql(
UPDATE costagent.part SET state = 3 WHERE id = $1)sql"};
inline constexpr io::PostgresStatement kRemovePartCosts{"remove_part_costs", R"sql(
DELETE FROM costagent.part_cost WHERE part = $1)sql"};
inline constexpr io::PostgresStatement kRemoveLinks{"remove_links", R"sql(
DELETE FROM costagent.file_part WHERE part = $1)sql"};
inline constexpr io::PostgresStatement kRemovePart{"remove_part", "DELETE FROM costagent.part WHERE id = $1"};
inline constexpr io::PostgresStatement kRemoveFiles{"remove_files", "DELETE FROM costagent.file WHERE delivery = $1"};
inline constexpr io::PostgresStatement kRemoveDelivery{"remove_delivery",
                                                       "DELETE FROM costagent.delivery WHERE id = $1"};

// All that look something up: each must find its rows by an index, which a test holds them to.
inline constexpr auto kFactLookUps = std::to_array<io::PostgresStatement>(
    {kIdOfText,        kIdsOfTexts,      kTextOfId,        kTextsOfIds,         kIdsOfSlices,      kSlicesOfIds,
     kResourceNames,   kLeaveDelivery,   kEndFile,         kHasBeginning,       kKnownFile,        kSetExtent,
     kStateOfDelivery, kTakenByOthers,   kOverlapping,     kFilesOfOverlapping, kReplacePart,      kReplaceFile,
     kPublishFiles,    kPublishParts,    kPublishDelivery, kFactsVersion,       kHiddenParts,      kBillParts,
     kExtent,          kUtilisation,     kCommitments,     kReplacedPart,       kGiveUpDelivery,   kGivenUpDelivery,
     kPartOfDelivery,  kClearCharges,    kClearRawBlocks,  kClearUtilisation,   kClearCommitments, kSetFirstDay,
     kPartIsCleared,   kRemovePartCosts, kRemoveLinks,     kRemovePart,         kRemoveFiles,      kRemoveDelivery});

}  // namespace costagent::postgres
