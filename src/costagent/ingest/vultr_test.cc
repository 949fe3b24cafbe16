#include "costagent/ingest/vultr.h"

#include "costagent/ingest/bill_file.h"

namespace costagent {
namespace {

using VultrTest = BillFileTest;

constexpr std::string_view kItems = R"json({
  "invoice_items": [
    {
      "description": "web-1 (1.2.3.4)",
      "product": "Vultr Cloud Compute",
      "start_date": "2024-09-01T00:00:00+00:00",
      "end_date": "2024-10-01T00:00:00+00:00",
      "units": 720,
      "unit_type": "hours",
      "unit_price": 0.0074,
      "total": 5.33
    },
    {"description": "promo", "product": "Credit", "start_date": "2024-09-02", "units": 1, "unit_type": "",
     "unit_price": -1, "total": -1}
  ],
  "meta": {"total": 2, "links": {"next": "", "prev": ""}}
}
)json";

TEST_F(VultrTest, the_items_that_the_api_lists_are_charges) {
  const ReadBill bill = read(kItems);
  ASSERT_EQ(bill.charges.size(), 2u) << bill.problems.front();
  EXPECT_EQ(bill.format, "Vultr invoice items");
  EXPECT_EQ(bill.billed.to_string(), "4.33");
  const Charge& charge = bill.charges.front();
  EXPECT_EQ(charge.provider, "Vultr");
  EXPECT_EQ(charge.currency, "USD");
  EXPECT_EQ(charge.service, "Vultr Cloud Compute");
  EXPECT_EQ(charge.resource_id, "web-1 (1.2.3.4)");
  EXPECT_EQ(charge.consumed_quantity.to_string(), "720");
  EXPECT_EQ(charge.consumed_unit, "hours");
  EXPECT_EQ(base::format_time(charge.period_end), "2024-10-01T00:00:00Z");
  EXPECT_EQ(bill.charges[1].category, ChargeCategory::credit);
  EXPECT_TRUE(bill.assumes("it has no currency: it is USD"));
  EXPECT_EQ(bill.raw.front().find('\n'), std::string::npos) << "a line, as it is kept";
}

TEST_F(VultrTest, csv_of_the_same_names_is_known) {
  const ReadBill bill = read(
      "Description,Product,Start Date,End Date,Units,Unit Type,Unit Price,Total\n"
      "web-1,Vultr Cloud Compute,2024-09-01,2024-10-01,720,hours,0.0074,5.33\n");
  EXPECT_EQ(bill.billed.to_string(), "5.33");
  EXPECT_EQ(
      read("date,product,description,hours,unit_price,total\n2024-09-01,VAT,tax,1,1,1.5\n").charges.front().category,
      ChargeCategory::tax);
}

}  // namespace
}  // namespace costagent
