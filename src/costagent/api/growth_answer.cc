#include "costagent/api/growth_answer.h"

#include "costagent/api/estimates.h"

namespace costagent {
namespace {

void write_change(JsonWriter& json, double before, double now, const Growth& growth) {
  write_money(json, "cost_before", before);
  write_money(json, "cost", now);
  write_money(json, "change", growth.change);
  write_money(json, "price", growth.price);
  write_money(json, "usage", growth.usage);
  write_money(json, "mix", growth.mix);
}

void write_item(JsonWriter& json, const ItemGrowth& item) {
  json.begin_object()
      .field("provider", item.after.provider)
      .field("service", item.after.service)
      .field("region", item.after.region)
      .field("usage_type", item.after.usage_type)
      .field("sku", item.after.sku)
      .field("unit", item.after.unit);
  write_money(json, "cost_before", item.before.cost);
  write_money(json, "cost", item.after.cost);
  json.field("quantity_before", item.before.quantity).field("quantity", item.after.quantity).end_object();
}

}  // namespace

void write_growth(JsonWriter& json, const std::optional<GrowthReport>& growth) {
  json.key("growth");
  if (!growth) {
    json.null();
    return;
  }
  json.begin_object().key("compared_with").begin_object();
  json.field("start_date", growth->before.from).field("end_date", growth->before.to - std::chrono::days(1));
  json.end_object().key("currencies").begin_array();
  for (const CurrencyGrowth& currency : growth->currencies) {
    json.begin_object().field("currency", currency.currency);
    write_change(json, currency.cost_before, currency.cost, currency.growth);
    json.field("complete", currency.complete).key("services").begin_array();
    for (const ServiceGrowth& service : currency.services) {
      json.begin_object().field("provider", service.provider).field("service", service.service);
      write_change(json, service.cost_before, service.cost, service.growth);
      json.end_object();
    }
    json.end_array().key("items").begin_array();
    for (const ItemGrowth& item : currency.items) write_item(json, item);
    json.end_array().end_object();
  }
  json.end_array().end_object();
}

}  // namespace costagent
