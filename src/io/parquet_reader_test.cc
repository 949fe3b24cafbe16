#include "io/parquet_reader.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "io/duckdb.h"

namespace io {
namespace {

namespace fs = std::filesystem;

class ParquetReaderTest : public testing::Test {
 protected:
  ParquetReaderTest() {
    std::string name = (fs::temp_directory_path() / "parquet-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~ParquetReaderTest() override { fs::remove_all(folder_); }

  void SetUp() override {
    if (!duckdb::api()) GTEST_SKIP() << duckdb::api().error().message;
  }

  // A file with what the SQL selects, written by DuckDB itself.
  std::string file(const std::string& select) const {
    const auto& api = **duckdb::api();
    const std::string path = (folder_ / "it's one.parquet").string();
    duckdb::Handle database = nullptr;
    duckdb::Handle connection = nullptr;
    EXPECT_EQ(api.open(nullptr, &database), duckdb::kSuccess);
    EXPECT_EQ(api.connect(database, &connection), duckdb::kSuccess);
    duckdb::QueryResult result{};
    const std::string sql =
        "COPY (" + select + ") TO '" + (folder_ / "it''s one.parquet").string() + "' (FORMAT parquet)";
    EXPECT_EQ(api.query(connection, sql.c_str(), &result), duckdb::kSuccess) << api.result_error(&result);
    api.destroy_result(&result);
    api.disconnect(&connection);
    api.close(&database);
    return path;
  }

  fs::path folder_;
};

TEST_F(ParquetReaderTest, every_type_becomes_the_text_that_a_bill_would_have) {
  const std::string path = file(R"(SELECT
    CAST('20.52022672899' AS DECIMAL(38, 18)) AS "BilledCost", CAST(0.1 AS DOUBLE) AS d, 42 AS i, true AS b,
    TIMESTAMP '2024-09-01 22:30:00.5' AS at, TIMESTAMPTZ '2024-09-01 22:30:00+00' AS zoned, DATE '2024-09-01' AS day,
    MAP {'team': 'web', 'a"b': 'c'} AS tags, {'x': 1} AS nested, [1, 2] AS list, NULL AS nothing,
    'a text that is longer than twelve bytes, "quoted"' AS long, '' AS empty)");
  auto reader = ParquetReader::open(path);
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ(reader->rows(), 1u);
  EXPECT_EQ(reader->names().front(), "BilledCost");
  std::span<const std::string_view> fields;
  ASSERT_TRUE(reader->next(fields).value());
  const std::vector<std::string_view> expected = {"20.520226728990000000",
                                                  "0.1",
                                                  "42",
                                                  "true",
                                                  "2024-09-01T22:30:00Z",
                                                  "2024-09-01T22:30:00Z",
                                                  "2024-09-01",
                                                  R"({"team":"web","a\"b":"c"})",
                                                  R"({"x":1})",
                                                  "[1,2]",
                                                  "",
                                                  R"(a text that is longer than twelve bytes, "quoted")",
                                                  ""};
  EXPECT_EQ(std::vector(fields.begin(), fields.end()), expected);
  EXPECT_FALSE(reader->next(fields).value());
}

TEST_F(ParquetReaderTest, rows_beyond_one_chunk_come_in_their_order) {
  const std::string path =
      file("SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE 'row ' || i END AS t FROM range(10000) AS r(i)");
  auto reader = ParquetReader::open(path);
  ASSERT_TRUE(reader) << reader.error().message;
  std::span<const std::string_view> fields;
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(reader->next(fields).value()) << i;
    ASSERT_EQ(fields[0], std::to_string(i));
    ASSERT_EQ(fields[1], i % 3 == 0 ? "" : "row " + std::to_string(i));
  }
  EXPECT_FALSE(reader->next(fields).value());
}

TEST_F(ParquetReaderTest, what_is_damaged_is_refused_by_name) {
  const std::string path = file("SELECT i FROM range(1000) AS r(i)");
  fs::resize_file(path, fs::file_size(path) / 2);
  const auto cut = ParquetReader::open(path);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().kind, base::ErrorKind::invalid);
  EXPECT_NE(cut.error().message.find(path), std::string::npos) << cut.error().message;
  for (const char* ours : {"SELECT", "DESCRIBE", "LINE 1", "^", "\n"})
    EXPECT_EQ(cut.error().message.find(ours), std::string::npos) << cut.error().message;
  EXPECT_FALSE(ParquetReader::is_missing(cut.error()));
}

TEST(DuckDbTest, what_is_named_and_is_not_there_is_told_with_what_to_do) {
  const auto missing = duckdb::load("/nonexistent/libduckdb.so");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, base::ErrorKind::invalid) << "it doesn't come by itself";
  EXPECT_TRUE(ParquetReader::is_missing(missing.error()));
  EXPECT_EQ(missing.error().message,
            "it is a Parquet file, which DuckDB's library reads, and none can be loaded from "
            "/nonexistent/libduckdb.so, which "
            "COSTAGENT_DUCKDB names: scripts/parquet fetches it, or the bill can be exported as CSV");
  const auto other = duckdb::load("libc.so.6");
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("libc.so.6 is none that can"), std::string::npos) << other.error().message;
}

}  // namespace
}  // namespace io
