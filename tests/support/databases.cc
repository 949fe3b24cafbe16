#include "support/databases.h"

#include <poll.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace testing_support {
namespace {

const std::string kPostgres = "/usr/lib/postgresql/15/bin/";
constexpr const char* kPgbouncer = "/usr/sbin/pgbouncer";
constexpr const char* kRedis = "/usr/bin/redis-server";

std::string postgres_url(std::uint16_t port, const std::string& database) {
  return "postgresql://postgres@127.0.0.1:" + std::to_string(port) + "/" + database;
}

}  // namespace

bool PostgresServer::is_installed() { return std::filesystem::exists(kPostgres + "postgres"); }

PostgresServer::PostgresServer() {
  const std::string data = server_.folder() + "/data";
  server_.run({kPostgres + "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"});
  std::ofstream(data + "/postgresql.conf", std::ios::app)
      << "listen_addresses = '127.0.0.1'\nport = " << server_.port() << "\nunix_socket_directories = ''\nfsync = off\n"
      << "max_connections = 20\nshared_preload_libraries = 'pg_stat_statements'\n";
  start();
}

void PostgresServer::start() {
  server_.start({kPostgres + "postgres", "-D", server_.folder() + "/data"});
  // It takes connections before it answers on them.
  const std::string url = "--dbname=" + this->url();
  for (int attempt = 0; attempt < 100; ++attempt) {
    if (server_.succeeds({kPostgres + "pg_isready", "--quiet", "--timeout=10", url})) return;
    ::poll(nullptr, 0, 50);
  }
  throw std::runtime_error("PostgreSQL does not answer: " + server_.log());
}

std::string PostgresServer::url(const std::string& database) const { return postgres_url(server_.port(), database); }

std::string PostgresServer::psql(const std::string& sql) const {
  const std::string command = "psql -X -q -A -t -c \"" + sql + "\" " + url();
  const std::unique_ptr<FILE, int (*)(FILE*)> out(::popen(command.c_str(), "r"), ::pclose);
  std::string text;
  std::array<char, 4096> buffer;
  while (const std::size_t got = out ? std::fread(buffer.data(), 1, buffer.size(), out.get()) : 0)
    text.append(buffer.data(), got);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string PostgresServer::make_database() {
  const std::string name = "test_" + std::to_string(++databases_);
  psql("CREATE DATABASE " + name);
  return url(name);
}

PostgresServer& shared_postgres() {
  static PostgresServer server;
  return server;
}

bool PgbouncerServer::is_installed() { return std::filesystem::exists(kPgbouncer); }

PgbouncerServer::PgbouncerServer(const PostgresServer& server) {
  const std::string url = server.url();
  const std::string port = url.substr(url.find(":", 15) + 1, url.rfind('/') - url.find(":", 15) - 1);
  const std::string users = server_.folder() + "/users";
  std::ofstream(users) << "\"postgres\" \"\"\n";
  const std::string settings = server_.folder() + "/pgbouncer.ini";
  std::ofstream(settings) << "[databases]\n* = host=127.0.0.1 port=" << port << "\n[pgbouncer]\n"
                          << "listen_addr = 127.0.0.1\nlisten_port = " << server_.port()
                          << "\nunix_socket_dir =\nauth_type = trust\nauth_file = " << users
                          << "\nadmin_users = postgres\npool_mode = session\ndefault_pool_size = 2\n"
                          << "ignore_startup_parameters = extra_float_digits\n";
  server_.start({kPgbouncer, settings});
}

std::string PgbouncerServer::url(const std::string& database) const { return postgres_url(server_.port(), database); }

bool RedisServer::is_installed() { return std::filesystem::exists(kRedis); }

RedisServer::RedisServer(const std::string& password) : password_(password) { start(); }

void RedisServer::start() {
  server_.start({kRedis, "--bind", "127.0.0.1", "--port", std::to_string(server_.port()), "--save", "", "--appendonly",
                 "no", "--dir", server_.folder(), "--requirepass", password_});
}

std::string RedisServer::url(const std::string& login) const {
  return "redis://" + login + "127.0.0.1:" + std::to_string(server_.port()) + "/0";
}

}  // namespace testing_support
