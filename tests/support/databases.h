// Debian's own PostgreSQL, pgbouncer and Redis, each started by a test on a free port of 127.0.0.1, in a temporary
// folder.
#pragma once

#include <csignal>
#include <string>

#include "support/local_server.h"

namespace testing_support {

// PostgreSQL 15, with the superuser `postgres` and no passwords, pg_stat_statements loaded and 20 connections at most.
class PostgresServer {
 public:
  // Debian's package postgresql-15 is there.
  static bool is_installed();

  PostgresServer();

  std::string url(const std::string& database = "postgres") const;
  // What Debian's psql prints of a statement: values alone, a row a line, columns separated by '|'.
  std::string psql(const std::string& sql) const;
  // The URL of a new and empty database.
  std::string make_database();
  // Ends the server at once, and its sessions.
  void kill() { server_.stop(SIGQUIT); }
  // After that, on the same port, with what was committed.
  void start();

  // At once, whoever is still connected: nobody will miss the data.
  ~PostgresServer() { kill(); }

 private:
  // It refuses to run as root.
  LocalServer server_{"postgresql", "postgres"};
  int databases_ = 0;
};

// One for all tests of a program, started by the first that asks for it and ended with the program: a start takes
// seconds, a database of one's own next to nothing.
PostgresServer& shared_postgres();

// In front of a PostgreSQL: a pool of two connections for each database and user.
class PgbouncerServer {
 public:
  static bool is_installed();

  explicit PgbouncerServer(const PostgresServer& server);

  std::string url(const std::string& database) const;

 private:
  LocalServer server_{"pgbouncer", "postgres"};
};

// Redis 7, which keeps nothing.
class RedisServer {
 public:
  static bool is_installed();

  // With a password, only who knows it is answered.
  explicit RedisServer(const std::string& password = "");

  // Again, after it was killed: on the same port, and empty.
  void start();
  // Without the password; `login` stands before the host: ":password@".
  std::string url(const std::string& login = "") const;
  void kill() { server_.stop(SIGKILL); }
  // It neither answers nor goes away, until it is resumed.
  void pause() { ::kill(server_.pid(), SIGSTOP); }
  void resume() { ::kill(server_.pid(), SIGCONT); }

 private:
  const std::string password_;
  LocalServer server_{"redis"};
};

}  // namespace testing_support
