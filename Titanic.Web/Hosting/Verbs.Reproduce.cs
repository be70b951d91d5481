using Titanic.Web.Lifecycle;
using Titanic.Web.Registry;

namespace Titanic.Web.Hosting;

internal static partial class Verbs
{
    public static Task<int> Reproduce(WebApplication app, string version, CancellationToken cancellation) =>
        WithDatabase(app, async services =>
        {
            var registry = services.GetRequiredService<ModelRegistry>();
            if (await registry.Find(version, cancellation) is not { } found)
                throw new ArgumentException(ModelRegistry.Missing(version));
            var result = await services.GetRequiredService<ModelReproduction>().Make(found, ModelReproduction.ByCommandLine, cancellation);
            Console.WriteLine(FormattableString.Invariant($"{result.Summary} ({result.Platform}, {result.Duration.TotalSeconds:0.0} s)"));
            foreach (var line in result.Differences)
                Console.WriteLine(line);
            if (result.LeftOut is { } leftOut)
                Console.WriteLine(leftOut);
            return result.Verdict == ReproductionVerdict.Reproduced ? 0 : 1;
        }, cancellation);
}
