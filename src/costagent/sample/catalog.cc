#include "costagent/sample/catalog.h"

#include <array>

namespace costagent {
namespace {

constexpr auto kAwsRegions = std::to_array<CloudRegion>({
    {"us-east-1", "US East (N. Virginia)"},
    {"eu-west-1", "Europe (Ireland)"},
    {"ap-southeast-1", "Asia Pacific (Singapore)"},
});
constexpr auto kGcpRegions = std::to_array<CloudRegion>({
    {"us-central1", "Iowa"},
    {"europe-west1", "Belgium"},
});
constexpr auto kAzureRegions = std::to_array<CloudRegion>({
    {"eastus", "East US"},
    {"westeurope", "West Europe"},
});

constexpr auto kClouds = std::to_array<Cloud>({
    {"AWS", "Amazon Web Services, Inc.", "Account", kAwsRegions},
    {"Google Cloud", "Google LLC", "Project", kGcpRegions},
    {"Microsoft", "Microsoft Corporation", "Subscription", kAzureRegions},
});

using enum ResourceKind;

// Machines and databases are groups that grow and shrink, so that a day may have more than 24 hours of them.
constexpr auto kOffers = std::to_array<Offer>({
    // Amazon
    {0, machine, "Amazon Elastic Compute Cloud", "Compute", "Virtual Machines", "Auto Scaling group", "m6i.large",
     "Instance Hours", "Hours", 9'600'000, 24, "arn:aws:autoscaling:{region}:{account}:autoScalingGroup/{name}"},
    {0, machine, "Amazon Elastic Compute Cloud", "Compute", "Virtual Machines", "Auto Scaling group", "c6i.2xlarge",
     "Instance Hours", "Hours", 34'000'000, 24, "arn:aws:autoscaling:{region}:{account}:autoScalingGroup/{name}"},
    {0, database, "Amazon Relational Database Service", "Databases", "Relational Databases", "DB cluster",
     "db.m6g.xlarge", "Instance Hours", "Hours", 31'800'000, 24, "arn:aws:rds:{region}:{account}:cluster:{name}"},
    {0, storage, "Amazon Simple Storage Service", "Storage", "Object Storage", "Bucket", "Standard-Storage", "Storage",
     "GB-Mo", 2'300'000, 120, "arn:aws:s3:::{name}"},
    {0, storage, "Amazon Elastic Block Store", "Storage", "Block Storage", "Volume", "gp3", "Storage", "GB-Mo",
     8'000'000, 17, "arn:aws:ec2:{region}:{account}:volume/{name}"},
    {0, usage, "AWS Lambda", "Compute", "Serverless Compute", "Function", "Lambda-GB-Second", "Duration", "GB-Seconds",
     1'667, 420'000, "arn:aws:lambda:{region}:{account}:function:{name}"},
    {0, usage, "AWS Data Transfer", "Networking", "Content Delivery", "NAT gateway", "DataTransfer-Out",
     "Data Transfer", "GB", 9'000'000, 70, "arn:aws:ec2:{region}:{account}:natgateway/{name}"},
    // Google
    {1, machine, "Compute Engine", "Compute", "Virtual Machines", "Managed instance group", "n2-standard-4",
     "Core Hours", "Hours", 19'420'000, 24,
     "//compute.googleapis.com/projects/{account}/regions/{region}/instanceGroupManagers/{name}"},
    {1, database, "Cloud SQL", "Databases", "Relational Databases", "Instance with replicas", "db-custom-4-16384",
     "Instance Hours", "Hours", 33'700'000, 24, "//cloudsql.googleapis.com/projects/{account}/instances/{name}"},
    {1, storage, "Cloud Storage", "Storage", "Object Storage", "Bucket", "Standard Storage", "Storage", "GB-Mo",
     2'000'000, 100, "//storage.googleapis.com/projects/_/buckets/{name}"},
    {1, usage, "BigQuery", "Analytics", "Data Processing", "Dataset", "Analysis", "Bytes Scanned", "TiB", 625'000'000,
     1.6, "//bigquery.googleapis.com/projects/{account}/datasets/{name}"},
    // Microsoft
    {2, machine, "Virtual Machines", "Compute", "Virtual Machines", "Virtual machine scale set", "D4s v5",
     "Compute Hours", "Hours", 19'200'000, 24,
     "/subscriptions/{account}/resourceGroups/{team}/providers/Microsoft.Compute/virtualMachineScaleSets/{name}"},
    {2, database, "SQL Database", "Databases", "Relational Databases", "SQL elastic pool", "GP_Gen5_4", "vCore Hours",
     "Hours", 80'000'000, 24,
     "/subscriptions/{account}/resourceGroups/{team}/providers/Microsoft.Sql/servers/{team}/elasticPools/{name}"},
    {2, storage, "Storage Accounts", "Storage", "Object Storage", "Storage account", "Hot LRS", "Data Stored", "GB-Mo",
     1'840'000, 150,
     "/subscriptions/{account}/resourceGroups/{team}/providers/Microsoft.Storage/storageAccounts/{name}"},
    {2, usage, "Azure Monitor", "Management and Governance", "Observability", "Log Analytics workspace",
     "Log-Ingestion", "Data Ingested", "GB", 276'000'000, 3.5,
     "/subscriptions/{account}/resourceGroups/{team}/providers/Microsoft.OperationalInsights/workspaces/{name}"},
});

constexpr auto kNewOffers = std::to_array<Offer>({
    {0, usage, "Amazon Bedrock", "AI and Machine Learning", "Generative AI", "Model", "Input-Tokens", "Tokens",
     "1K tokens", 300'000, 9'000, "arn:aws:bedrock:{region}:{account}:inference-profile/{name}"},
    {1, usage, "Vertex AI", "AI and Machine Learning", "Generative AI", "Endpoint", "Prediction-Node-Hour",
     "Node Hours", "Hours", 75'000'000, 40,
     "//aiplatform.googleapis.com/projects/{account}/locations/{region}/endpoints/{name}"},
    {2, usage, "Azure OpenAI Service", "AI and Machine Learning", "Generative AI", "Deployment", "gpt-Input-Tokens",
     "Tokens", "1K tokens", 250'000, 11'000,
     "/subscriptions/{account}/resourceGroups/{team}/providers/Microsoft.CognitiveServices/accounts/{name}"},
});

}  // namespace

std::span<const Cloud> clouds() { return kClouds; }
std::span<const Offer> offers() { return kOffers; }
std::span<const Offer> new_offers() { return kNewOffers; }

}  // namespace costagent
