using Titanic.Web.Lifecycle.Archives;



namespace Titanic.Web.Hosting;

internal static partial class Verbs
{
    /// <summary>One line for each check, and one that sums up.</summary>
    public static int VerifyArchive(string path)
    {
        try
        {
            using var archive = File.OpenRead(FullPath(path));
            var result = ArchiveVerification.Check(archive);
            foreach (var check in result.Checks)
                Console.WriteLine($"{check.Name,-16} {check.Holds switch { true => "ok", false => "FAILED", null => "not checked" },-11} {check.Sentence}");
            Console.WriteLine(result.Holds ? "The archive holds." : "The archive does not hold.");
            return result.Holds ? 0 : 1;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(failure.Message);
            return 1;
        }
    }

    public static Task<int> ImportArchive(WebApplication app, string path, CancellationToken cancellation) =>
        WithDatabase(app, async services =>
        {
            await using var archive = File.OpenRead(FullPath(path));
            try
            {
                Console.WriteLine(await services.GetRequiredService<ArchiveImport>().Import(archive, by: "command line", cancellation));
                return 0;
            }
            catch (ArchiveRefusedException refused)
            {
                await Console.Error.WriteLineAsync(refused.Message);
                return 1;
            }
        }, cancellation);
}
