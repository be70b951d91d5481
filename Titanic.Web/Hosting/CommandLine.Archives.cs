using System.CommandLine;

namespace Titanic.Web.Hosting;

public sealed partial class CommandLine
{
    private static Command VerifyArchive()
    {
        var file = new Argument<string>("file") { Description = "As it was downloaded from a version's page." };
        var verify = new Command("verify-archive", "Check the archive of a model version without a database: files, digests, rows, bytes, learning, answers and figures; exit code 0 only if everything holds.") { file };
        verify.SetAction(parsed => Verbs.VerifyArchive(parsed.GetRequiredValue(file)));
        return verify;
    }

    private Command ImportArchive()
    {
        var file = new Argument<string>("file") { Description = "The archive of a model version, as it was downloaded." };
        var import = new Command("import-archive", "Register a version from an archive, after the checks of verify-archive.") { file };
        import.SetAction((parsed, cancellation) => Verbs.ImportArchive(_app!, parsed.GetRequiredValue(file), cancellation));
        return import;
    }
}
