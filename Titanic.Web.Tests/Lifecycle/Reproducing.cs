using Titanic.Web.Lifecycle;
using Titanic.Web.Registry;

namespace Titanic.Web.Tests.Lifecycle;

/// <summary>Reproduces versions in tests.</summary>
internal static class Reproducing
{
    public static async Task<Reproduction> Reproduce(this TestWorkflow workflow, int version)
    {
        var found = await workflow.In<ModelRegistry, ModelVersion?>(registry => registry.Find(version, TestWorkflow.Cancellation));
        return await workflow.In<ModelReproduction, Reproduction>(reproduction => reproduction.Make(found!, "a test", TestWorkflow.Cancellation));
    }
}
