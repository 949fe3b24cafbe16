#include "costagent/cli/database_option.h"

namespace costagent {

void add_database_option(CLI::App& command, std::string& url, const std::string& what, bool made) {
  command
      .add_option(
          "--database", url,
          what + ": sqlite:PATH" + (made ? ", made where there is none," : "") + " or postgresql://USER@HOST/NAME")
      ->required()
      ->envname("COSTAGENT_DATABASE")
      ->type_name("URL");
}

}  // namespace costagent
